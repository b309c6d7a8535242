"""The real coordinator's mechanism with workers whose pages cost nothing: how many pages it can carry.

What is real: the processes and the lines between them (`workers.crew`), the messages (`crawl.spread.wire`), who gets
which lease (`crawl.spread.leasing`), and the frontier. A page is a number whose links follow from it, as in
`benchmarks.leases`. The one rule: every page must have been done once, or the run is wrong.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.leases import PAGES, entry, links
from shoal.crawl.frontier.leases import Ack, Lease, LeaseFrontier
from shoal.crawl.frontier.leases_memory import MemoryLeases
from shoal.crawl.frontier.leases_sqlite import SqliteLeases
from shoal.crawl.spread import wire
from shoal.crawl.spread.leasing import Leasing
from shoal.workers import Lost
from shoal.workers.crew import ProcessCrew
from shoal.workers.line import Line

SLOTS = 16
FIRST = 2_000
"""Pages before it counts: starting processes is no part of it."""
FOREVER = float("inf")


class Measured(NamedTuple):
    """Of one run: pages a second, the coordinator's CPU seconds a page, the workers', messages and leases a page."""

    rate: float
    coordinator: float
    workers: float
    messages: float
    leases: float
    sent: float


class Answers:
    """What a worker says to leases: the links that it has not sent before, and the acknowledgements."""

    def __init__(self) -> None:
        self._known = set[int]()

    def to(self, leases: list[Lease]) -> wire.News:
        """At once."""
        pages = [int(text[text.rindex(",") + 1 : -1]) for lease in leases for text in lease.entries]
        new = {other for page in pages for other in links(page)} - self._known
        self._known |= new
        return wire.News([], [entry(page) for page in new], [Ack(lease.token) for lease in leases], [])


def work(_job: Any, line: Line) -> None:
    """In the worker."""
    asyncio.run(_answer(line))


async def _answer(line: Line) -> None:
    answers, over = Answers(), asyncio.Event()

    def heard(message: Any) -> None:
        if isinstance(message, wire.Leases):
            line.send(answers.to(message.leases))
        else:
            over.set()

    line.attach(heard, over.set)
    line.send(wire.Opened())
    await over.wait()
    line.send(time.process_time())
    await line.drained(0)


class _Coordinator:
    def __init__(self, frontier: LeaseFrontier, workers: int) -> None:
        self.frontier = frontier
        self.leasing = Leasing(frontier, shared=False, at_once=SLOTS, ttl=FOREVER)
        self.crew = ProcessCrew(work, self.heard)
        self.workers = workers
        self.cpu: list[float] = []
        self.messages = self.leases = self.sent = 0
        self.over = asyncio.Event()
        # Pages done, moment, processor time: when the processes have begun.
        self.begun: tuple[int, float, float] | None = None
        self.ended = (0.0, 0.0)

    async def run(self) -> None:
        for number in range(self.workers):
            self.crew.start(number, None)
        try:
            await self.over.wait()
        finally:
            await self.crew.close()

    def heard(self, number: int, message: Any) -> None:
        now = time.monotonic()
        if isinstance(message, wire.Opened):
            self.leasing.join(number, now)
        elif isinstance(message, wire.News):
            self.messages += 1
            self.sent += len(message.entries)
            self.frontier.add(message.entries)
            self.leasing.ack(number, message.acks, now)
            self.leases += len(message.acks)
        elif isinstance(message, Lost):
            raise RuntimeError(f"a worker: {message.why}")
        else:
            self.cpu.append(message)
            self.crew.dismiss(number)
            if len(self.cpu) == self.workers:
                self.over.set()
            return
        for other, leases in self.leasing.give(now):
            self.crew.send(other, wire.Leases(leases, 0))
        done = self.frontier.stats().done
        if self.begun is None and done >= FIRST:
            self.begun = done, time.perf_counter(), time.process_time()
        if done == PAGES:
            self.ended = time.perf_counter(), time.process_time()
            for other in range(self.workers):
                self.crew.send(other, wire.Stop("finished"))


def measure(workers: int, durable: bool) -> Measured:
    """All pages of `benchmarks.leases`. Raises RuntimeError when one was lost or done twice."""
    with TemporaryDirectory(prefix="shoal-bench-") as folder:
        frontier: LeaseFrontier = SqliteLeases(Path(folder, "f.sqlite"), alone=True) if durable else MemoryLeases()
        frontier.add([entry(page) for page in range(workers * SLOTS)])
        coordinator = _Coordinator(frontier, workers)
        asyncio.run(coordinator.run())
        stats = frontier.stats()
        frontier.close()
    if not stats.added == stats.done == PAGES:
        raise RuntimeError(f"{PAGES} pages, and the frontier says {stats}")
    assert coordinator.begun is not None
    first, *begun = coordinator.begun
    wall, cpu = (end - begin for begin, end in zip(begun, coordinator.ended, strict=True))
    return Measured(
        (PAGES - first) / wall,
        cpu / (PAGES - first),
        sum(coordinator.cpu) / PAGES,
        coordinator.messages / PAGES,
        coordinator.leases / PAGES,
        coordinator.sent / PAGES,
    )


def cost_of_answers(pages: int = 10_000) -> float:
    """A worker's CPU seconds for a page: its links found and written, without the messages."""
    answers, begin = Answers(), time.process_time()
    for first in range(0, pages, 64):
        answers.to([Lease(1, "h", tuple(entry(page).data for page in range(first, first + 64)))])
    return (time.process_time() - begin) / pages
