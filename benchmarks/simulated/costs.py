"""What the coordinator's work costs, measured on the real lease frontiers: the service times of the simulation.

The one rule: processor time of this process, of real calls with entries as a crawl has them, and of the real messages
as they are packed and unpacked between two processes.
"""

from __future__ import annotations

import pickle
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.leases import entry
from shoal.crawl.frontier.leases import Ack, Entry, Lease, LeaseFrontier
from shoal.crawl.frontier.leases_memory import MemoryLeases
from shoal.crawl.frontier.leases_sqlite import SqliteLeases
from shoal.crawl.spread import wire

ROUNDS = 3
ENTRIES, HOSTS, MESSAGES = 6_400, 200, 2_000
FOREVER = 1e9
LONG = 16


@dataclass(frozen=True)
class Costs:
    """Seconds of one core at a coordinator.

    message  one exchange with a worker: news taken in, leases sent, the frontier asked
    lease    one lease given, and its acknowledgement
    page     each page of a lease, out and done
    new      a link that nobody has sent before
    known    a link that is known already
    """

    message: float
    lease: float
    page: float
    new: float
    known: float

    def of(self, *, messages: int = 0, leases: int = 0, pages: int = 0, new: float = 0, known: float = 0) -> float:
        """Seconds for so much."""
        return messages * self.message + leases * self.lease + pages * self.page + new * self.new + known * self.known

    def __str__(self) -> str:
        return ", ".join(f"{name} {seconds * 1e6:.1f}" for name, seconds in asdict(self).items())


# Of 21 November 2026, in memory, 2 cores under load: for tests, and wherever figures must not change.
FIXED = Costs(message=60e-6, lease=8e-6, page=4e-6, new=6e-6, known=2e-6)


def measured(durable: bool) -> Costs:
    """The costs of the frontier in memory, or in a file. Takes a second or two."""
    with TemporaryDirectory(prefix="shoal-bench-") as folder:

        def make(number: int) -> LeaseFrontier:
            return SqliteLeases(Path(folder, f"{number}.sqlite"), alone=True) if durable else MemoryLeases()

        rounds = [_measure(make(number)) for number in range(ROUNDS)]
    return Costs(*map(min, zip(*rounds, strict=True)))


def _measure(frontier: LeaseFrontier) -> tuple[float, float, float, float, float]:
    entries = [entry(page) for page in range(ENTRIES)]
    parcels = [entries[at : at + 100] for at in range(0, ENTRIES, 100)]
    calls = len(parcels)
    with _timed() as new:
        _take(frontier, parcels)
    with _timed() as known:
        _take(frontier, parcels)
    # Seconds of calls with one lease of one page, with many such, and with many of many pages.
    single = _lease_and_ack(frontier, hosts=1, pages=1, times=200)
    many = _lease_and_ack(frontier, hosts=50, pages=1, times=8)
    full = _lease_and_ack(frontier, hosts=50, pages=LONG, times=4)
    lease_and_page = max(0.0, (many - single) / 49)
    page = max(0.0, (full - many) / 50 / (LONG - 1))
    call = max(0.0, single - lease_and_page)
    packed, per_link, per_page = _packing()
    frontier.close()
    # The same call is made for every parcel of links: it is counted once, with the message.
    adding = max(0.0, new() - calls * call) / ENTRIES, max(0.0, known() - calls * call) / ENTRIES
    return (
        call + packed,
        max(0.0, lease_and_page - page),
        page + per_page,
        adding[0] + per_link,
        adding[1] + per_link,
    )


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    begin = process_time()
    ends: list[float] = []
    yield lambda: ends[0] - begin
    ends.append(process_time())


def _take(frontier: LeaseFrontier, parcels: list[list[Entry]]) -> None:
    for parcel in parcels:
        frontier.add(parcel)


def _lease_and_ack(frontier: LeaseFrontier, hosts: int, pages: int, times: int) -> float:
    """Seconds of one such exchange: a call of lease and one of ack."""
    given = 0
    with _timed() as seconds:
        for number in range(times):
            leases = frontier.lease("w", hosts, pages, FOREVER, float(number))
            frontier.ack([Ack(lease.token) for lease in leases], float(number))
            given += sum(len(lease.entries) for lease in leases)
    if given != hosts * pages * times:
        raise RuntimeError(f"{given} pages were leased instead of {hosts * pages * times}")
    return seconds() / times


def _packing() -> tuple[float, float, float]:
    """Seconds to send and to receive one message with its system calls, to unpack a link, to pack a page."""
    entries = [entry(page) for page in range(100)]
    empty, links = _news([]), _news(entries)
    lease = wire.Leases([Lease(1, entries[0].host, tuple(each.data for each in entries))], 7)
    ours, theirs = socket.socketpair()
    with ours, theirs, _timed() as exchange:
        for _ in range(MESSAGES):
            ours.send(empty)
            theirs.recv(1 << 16)
            pickle.loads(empty)
            pickle.dumps(wire.Leases([], 7))
    with _timed() as unpacking:
        for _ in range(MESSAGES // 10):
            pickle.loads(links)
    with _timed() as packing:
        for _ in range(MESSAGES // 10):
            pickle.dumps(lease)
    each = MESSAGES // 10 * len(entries)
    return exchange() / MESSAGES, unpacking() / each, packing() / each


def _news(entries: list[Entry]) -> bytes:
    return pickle.dumps(wire.News([], entries, [Ack(1)], [], stats={}))
