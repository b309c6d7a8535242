"""What a shared, durable frontier carries: processes that lease, add the links of each page, and acknowledge.

No network: a page is a number whose links follow from it (50,000 pages of 200 hosts, ten links each, so that each page
is linked to by ten others). A process remembers the links it has sent, as the workers of a crawl do, so that the file
sees each about twice. Every page must be done once, or the run is wrong.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from shoal.crawl.frontier.leases import Ack, Entry
from shoal.crawl.frontier.leases_sqlite import SqliteLeases

PAGES, HOSTS, LINKS = 50_000, 200, 10
LEASED_HOSTS, PER_HOST, SECONDS = 32, 16, 30.0


class Outcome(NamedTuple):
    """Pages a second by the wall clock, CPU microseconds a page over all processes, bytes of the file at the end."""

    rate: float
    cpu: float
    size: int


def url(page: int) -> str:
    return f"http://www.host-{page % HOSTS:04d}.example/section/{page % 17:02d}/article-{page:09d}.html"


def links(page: int) -> Iterator[int]:
    yield from (other for other in (2 * page + 1, 2 * page + 2) if other < PAGES)
    draw = (page * 2654435761 + 12345) & 0xFFFFFFFF
    for number in range(LINKS - 2):
        draw = (draw * 1664525 + 1013904223) & 0xFFFFFFFF
        other = draw % PAGES
        yield min(other - other % HOSTS + page % HOSTS, PAGES - 1) if number < 6 else other


def entry(page: int) -> Entry:
    address = url(page)
    data = f'["{address}","parse",{page}]'
    return Entry(address[7:28], data, blake2b(address.encode(), digest_size=8).digest())


def work(path: str, name: str, told: Any) -> None:
    """One worker, until everything is done."""
    frontier, known, done = SqliteLeases(path), set[int](), 0
    while True:
        leases = frontier.lease(name, LEASED_HOSTS, PER_HOST, SECONDS, time.time(), shared=True)
        if not leases:
            stats = frontier.stats()
            if stats.added == stats.done:
                break
            time.sleep(0.002)
            continue
        pages = [int(text[text.rindex(",") + 1 : -1]) for lease in leases for text in lease.entries]
        new = {other for page in pages for other in links(page)} - known
        known |= new
        frontier.add(map(entry, new))
        done += frontier.ack([Ack(lease.token) for lease in leases], time.time())
    frontier.close()
    told.put((done, time.process_time()))


def measure(processes: int) -> Outcome:
    """All pages by that many processes. Raises RuntimeError when a page was lost or done twice."""
    with TemporaryDirectory(prefix="shoal-bench-") as folder:
        path = str(Path(folder, "leases.sqlite"))
        first = SqliteLeases(path)
        first.add([entry(0)])
        context = multiprocessing.get_context("spawn")
        told = context.Queue()
        workers = [context.Process(target=work, args=(path, f"w{n}", told)) for n in range(processes)]
        for worker in workers:
            worker.start()
        while first.stats().done < 100:  # past the start of the processes
            time.sleep(0.001)
        begin, begun = time.perf_counter(), first.stats().done
        answers = [told.get(timeout=600) for _ in workers]
        wall = time.perf_counter() - begin
        for worker in workers:
            worker.join()
        stats = first.stats()
        first.close()
        if not stats.added == stats.done == PAGES == sum(done for done, _ in answers):
            raise RuntimeError(f"{PAGES} pages, and the frontier says {stats}")
        return Outcome((PAGES - begun) / wall, sum(cpu for _, cpu in answers) / PAGES * 1e6, os.path.getsize(path))


def bytes_per_waiting(count: int = 200_000) -> float:
    """Bytes on disk for each URL that waits, its fingerprint included."""
    with TemporaryDirectory(prefix="shoal-bench-") as folder:
        path = Path(folder, "leases.sqlite")
        frontier = SqliteLeases(path)
        for start in range(0, count, 500):
            frontier.add([entry(page) for page in range(start, start + 500)])
        frontier.close()
        return path.stat().st_size / count
