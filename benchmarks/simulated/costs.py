"""What the coordinator's work costs, measured on the real lease frontiers: the service times of the simulation.

The one rule: processor time of this process, of real calls with entries as a crawl has them, and of the real messages
as they are packed and unpacked between two processes.
"""

from __future__ import annotations

import pickle
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.leases import entry
from shoal.crawl.frontier.leases import Ack, Entry, LeaseFrontier
from shoal.crawl.frontier.leases_memory import MemoryLeases
from shoal.crawl.frontier.leases_sqlite import SqliteLeases
from shoal.crawl.spread import wire
from shoal.crawl.spread.leasing import Leasing

ROUNDS = 3
ENTRIES, PARCEL = 40_000, 500
MESSAGES, ROUND_TRIPS = 500, 20
FOREVER = 1e9


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


def measured(durable: bool, rounds: int = ROUNDS) -> Costs:
    """The costs of the frontier in memory, or in a file: the best of so many rounds, a second or two each."""
    with TemporaryDirectory(prefix="shoal-bench-") as folder:

        def make(number: int) -> LeaseFrontier:
            return SqliteLeases(Path(folder, f"{number}.sqlite"), alone=True) if durable else MemoryLeases()

        times = [_measure(make(number)) for number in range(rounds)]
    return Costs(*map(min, zip(*times, strict=True)))


def _measure(frontier: LeaseFrontier) -> tuple[float, float, float, float, float]:
    entries = [entry(page) for page in range(ENTRIES)]
    Random(1).shuffle(entries)
    parcels = [_packed(entries[at : at + PARCEL]) for at in range(0, ENTRIES, PARCEL)]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        message = _seconds(lambda: _exchange(frontier, ours, theirs, _packed([])), MESSAGES)
        new, known = (
            _seconds(lambda: [_exchange(frontier, ours, theirs, parcel) for parcel in parcels]) for _ in range(2)
        )
    lease, page = _leasing(frontier)
    frontier.close()
    links = [max(0.0, seconds - len(parcels) * message) / ENTRIES for seconds in (new, known)]
    return message, lease, page, *links


def _packed(entries: list[Entry]) -> bytes:
    return pickle.dumps(wire.News([], entries, [Ack(0)], []))


def _seconds(deed: Callable[[], object], times: int = 1) -> float:
    begin = process_time()
    for _ in range(times):
        deed()
    return (process_time() - begin) / times


def _exchange(frontier: LeaseFrontier, ours: socket.socket, theirs: socket.socket, data: bytes) -> None:
    """News come, are taken, and are answered without a lease."""
    theirs.sendall(data)
    news = pickle.loads(_received(ours, len(data)))
    frontier.add(news.entries)
    frontier.ack([], 0.0)
    ours.sendall(pickle.dumps(wire.Leases(frontier.lease("w", 0, 1, FOREVER, 0.0), 0)))
    theirs.recv(1 << 16)


def _received(end: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += end.recv(1 << 18)
    return data


def _leasing(frontier: LeaseFrontier) -> tuple[float, float]:
    """Seconds for a lease and for a page, from small batches and from the largest, dealt out as a coordinator does."""
    leasing = Leasing(frontier, shared=False, at_once=1, ttl=FOREVER)
    leasing.join(0, 0.0)
    steady, quick = 0.5, 0.0  # seconds a batch takes: the first leaves its size as it is, the other doubles it
    small = _given_and_done(leasing, steady)
    for _ in range(5):
        _given_and_done(leasing, quick, rounds=1)
    large = _given_and_done(leasing, steady)
    (seconds, leases, pages), (more_seconds, few, many) = small, large
    whole = leases * many - few * pages
    lease = max(0.0, (seconds * many - more_seconds * pages) / whole)
    return lease, max(0.0, (more_seconds - few * lease) / many)


def _given_and_done(leasing: Leasing, takes: float, rounds: int = ROUND_TRIPS) -> tuple[float, int, int]:
    """Seconds, leases and pages of so many rounds: all that a worker may have, packed; and acknowledged."""
    leases = pages = 0
    begin = process_time()
    for _ in range(rounds):
        given = [lease for _, each in leasing.give(0.0) for lease in each]
        pickle.dumps(wire.Leases(given, 0))
        leasing.ack(0, [Ack(lease.token) for lease in given], takes)
        leases += len(given)
        pages += sum(len(lease.entries) for lease in given)
    return process_time() - begin, leases, pages
