"""`python -m benchmarks.frontier`: what a request costs the scheduler and the disk, by the place where it waits.

No network and no root. Every figure is the best of three runs of one process; a request has a callback, a depth and a
referer, as those of a crawl have, and is new to the filter of duplicates. Scrapy 2.19's figures are of an earlier day,
on a machine of the same kind: they say how many times, not how much. Writes results/frontier.md.
"""

from __future__ import annotations

import gc
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from types import SimpleNamespace
from typing import Any

from benchmarks import leases
from shoal.crawl.components import build_from_crawler
from shoal.crawl.crawler import Crawler
from shoal.crawl.request import Request
from shoal.crawl.scheduler import Scheduler
from shoal.crawl.spider import Spider

ROUNDS = 3
RESULTS = Path(__file__).parent / "results" / "frontier.md"
MUST_RATE, MUST_BYTES = 15_000, 150
NO_FILTER = {"DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter"}
FILES = {"SCHEDULER_DISK_QUEUE": "scrapy.squeues.DataLifoDiskQueue"}
PICKLE = {
    "SCHEDULER_DISK_QUEUE": "scrapy.squeues.PickleLifoDiskQueue",
    "SCHEDULER_START_DISK_QUEUE": "scrapy.squeues.PickleFifoDiskQueue",
}
SQLITE = {
    "SCHEDULER_DISK_QUEUE": "scrapy.squeues.DataLifoSQLiteQueue",
    "SCHEDULER_START_DISK_QUEUE": "scrapy.squeues.DataFifoSQLiteQueue",
}
# What, requests, hosts, whether there is a job directory, settings, Scrapy's microseconds in and out.
ROWS: list[tuple[str, int, int, bool, dict[str, Any], str]] = [
    ("memory, no filter", 100_000, 1, False, NO_FILTER, ""),
    ("memory", 100_000, 1, False, {}, "42 / 6.0"),
    ("memory, 1,000 hosts", 100_000, 1000, False, {}, ""),
    ("job file", 100_000, 1, True, {}, "73 / 31"),
    ("job file, 1,000 hosts", 100_000, 1000, True, {}, "73 / 31"),
    ("files, data", 30_000, 1, True, FILES, "73 / 31"),
    ("files, pickle", 30_000, 1, True, PICKLE, "73 / 31"),
    ("SQLite queues, data", 1_000, 1, True, SQLITE, "1279 / 2653"),
]


class Pages(Spider):
    """A spider with one callback."""

    name = "pages"

    def parse(self, response: Any, **kwargs: Any) -> None:
        """Nothing."""


class Line:
    """A downloader that has room for everything."""

    def __init__(self) -> None:
        self.slots: dict[str, Any] = {}

    def get_slot_key(self, request: Request) -> str:
        """As the downloader does."""
        from shoal.crawl.parsed_url import parsed_url

        return parsed_url(request).hostname or ""


def main() -> int:
    """Measure all rows, print and write them; 1 when a yardstick is not met."""
    lines = ["| | in, us | out, us | Scrapy 2.19, in / out |", "|---|--:|--:|--:|"]
    for name, count, hosts, job, settings, scrapy in ROWS:
        rounds = [_measure(count, hosts, job, settings) for _ in range(ROUNDS)]
        taken, given = (min(times) for times in zip(*rounds, strict=True))
        lines.append(f"| {name} | {taken:.1f} | {given:.1f} | {scrapy} |")
    shared = {processes: max(leases.measure(processes) for _ in range(ROUNDS)) for processes in (1, 2)}
    waiting = [
        ("job file, without referer", _bytes_per_waiting(referer=False)),
        ("job file, with referer", _bytes_per_waiting(referer=True)),
        ("shared file", leases.bytes_per_waiting()),
    ]
    met = shared[2].rate >= MUST_RATE and all(size <= MUST_BYTES for _, size in waiting)
    text = _report(lines, shared, waiting)
    print(text)
    RESULTS.write_text(text, encoding="utf-8")
    return 0 if met else 1


def _report(lines: list[str], shared: dict[int, leases.Outcome], waiting: list[tuple[str, float]]) -> str:
    rate = [
        f"| {n} | {outcome.rate:,.0f} | {outcome.cpu:.0f} | {outcome.size / 1e6:.1f} |" for n, outcome in shared.items()
    ]
    size = [f"| {what} | {each:.0f} | {_yes(each <= MUST_BYTES)} |" for what, each in waiting]
    machine = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S%z}; {os.cpu_count()} cores, Linux {platform.release()}, "
    return "\n".join(
        [
            "# Where requests wait\n",
            "Written by `python -m benchmarks.frontier`. The best of three; no network.\n",
            "## What a request costs the scheduler\n",
            "CPU time of one request in (filter of duplicates included) and out (with a job file: acknowledged).\n",
            *lines,
            "",
            "## A durable frontier that processes share\n",
            f"{leases.PAGES:,} pages of {leases.HOSTS} hosts, {leases.LINKS} links each, through leases; each page is "
            f"done once, or the run is wrong. Must: {MUST_RATE:,} requests/s with two processes: "
            f"{_yes(shared[2].rate >= MUST_RATE)}. One transaction at a time writes to the file: a second process that "
            "does nothing but ask it adds waiting, not speed.\n",
            "| processes | requests/s | CPU us/request | file, MB |",
            "|--:|--:|--:|--:|",
            *rate,
            "",
            "## Bytes on disk for a URL that waits\n",
            f"200,000 of them, 65 bytes long, fingerprints included. Must: {MUST_BYTES}.\n",
            "| | bytes | met |",
            "|---|--:|--:|",
            *size,
            "",
            f"{machine}Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}",
            "",
        ]
    )


def _yes(met: bool) -> str:
    return "yes" if met else "**no**"


def _request(number: int, hosts: int, parse: Any, referer: bool = True) -> Request:
    host = f"https://www.host-{number % hosts:04d}.example"
    headers = {"Referer": f"{host}/section/03/article-{number // 20:09d}.html"} if referer else None
    return Request(
        f"{host}/section/{number % 17:02d}/article-{number:09d}.html", parse, headers=headers, meta={"depth": 3}
    )


def _measure(count: int, hosts: int, job: bool, settings: dict[str, Any]) -> tuple[float, float]:
    with TemporaryDirectory(prefix="shoal-bench-") as folder:
        scheduler = _scheduler(settings | ({"JOBDIR": folder} if job else {}))
        parse = scheduler.spider.parse  # type: ignore[union-attr]
        requests = [_request(number, hosts, parse) for number in range(count)]
        gc.collect()
        begin = process_time()
        for request in requests:
            scheduler.enqueue_request(request)
        filled = process_time()
        while (taken := scheduler.next_request()) is not None:
            if scheduler.job is not None:
                scheduler.job.begin(taken)
                scheduler.job.done()
        end = process_time()
        scheduler.close("finished")
    return (filled - begin) / count * 1e6, (end - filled) / count * 1e6


def _bytes_per_waiting(referer: bool, count: int = 200_000) -> float:
    with TemporaryDirectory(prefix="shoal-bench-") as folder:
        scheduler = _scheduler({"JOBDIR": folder})
        parse = scheduler.spider.parse  # type: ignore[union-attr]
        for number in range(count):
            scheduler.enqueue_request(_request(number, 200, parse, referer))
        scheduler.close("shutdown")
        return sum(path.stat().st_size for path in Path(folder).rglob("*")) / count


def _scheduler(settings: dict[str, Any]) -> Scheduler:
    crawler = Crawler(Pages, settings)
    crawler._apply_settings()
    crawler.spider = crawler._create_spider()
    crawler.engine = SimpleNamespace(downloader=Line())
    scheduler: Scheduler = build_from_crawler(Scheduler, crawler)
    scheduler.open(crawler.spider)
    return scheduler


if __name__ == "__main__":
    sys.exit(main())
