"""A scan in pieces in virtual time: workers that probe, a scheduler that hands out pieces, and workers that die.

As `shoal.workers.cluster` does it: pieces are handed in ahead, a free worker takes the next, the outcome of a piece
comes when it is whole, and a piece of a worker that is lost is given to another one. The one rule: every piece counts
once, however often it is carried out; that is asserted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from benchmarks.simulated.clock import Clock


@dataclass(frozen=True)
class Scan:
    """What is simulated; times in seconds.

    addresses, ports   how many: their product is the probes
    piece              probes in a piece
    workers, rate      how many, and probes a second of each; a worker's pieces differ by `spread`, a share of the mean
    handling           of the scheduler and the client, which do one thing at a time, for each piece
    worker_life        mean time until a worker dies (0: never); it is back after `worker_rest`
    lost               so long the scheduler waits for a silent worker
    """

    addresses: int = 65_536
    ports: int = 100
    piece: int = 1 << 18
    workers: int = 2
    rate: float = 80_000.0
    spread: float = 0.1
    handling: float = 1.5e-3
    worker_life: float = 0.0
    worker_rest: float = 60.0
    lost: float = 15.0
    seed: int = 1

    @property
    def pieces(self) -> int:
        """How many."""
        return -(-self.addresses * self.ports // self.piece)


@dataclass(frozen=True)
class Outcome:
    """`repeated` pieces were begun in vain; `busy` is the scheduler's share of time; `ideal` seconds without losses."""

    pieces: int
    seconds: float
    ideal: float
    repeated: int
    busy: float


class Simulation:
    """One run; `run()` once."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.clock = Clock()
        self._random = Random(scan.seed)
        self._waiting = list(range(scan.pieces))
        self._counted: set[int] = set()
        self._under_way: dict[int, tuple[int, object]] = {}
        self._idle: list[int] = []
        self._free_at = self._busy = 0.0
        self._repeated = 0

    def run(self) -> Outcome:
        """Simulate. Raises AssertionError when a piece is lost or counted twice."""
        scan = self.scan
        for worker in range(scan.workers):
            self._begin(worker)
        self.clock.run(1e12, lambda: len(self._counted) == scan.pieces)
        assert self._counted == set(range(scan.pieces))
        assert not self._waiting and not self._under_way
        ideal = scan.addresses * scan.ports / scan.rate / scan.workers
        return Outcome(scan.pieces, self.clock.now, ideal, self._repeated, self._busy / self.clock.now)

    def _begin(self, worker: int) -> None:
        self._take(worker)
        if self.scan.worker_life:
            self.clock.at(self.clock.now + self._random.expovariate(1 / self.scan.worker_life), self._die, worker)

    def _take(self, worker: int) -> None:
        if not self._waiting:
            self._idle.append(worker)
            return
        scan, piece, mark = self.scan, self._waiting.pop(), object()
        self._under_way[worker] = piece, mark
        probes = min(scan.piece, scan.addresses * scan.ports - piece * scan.piece)
        seconds = probes / scan.rate * self._random.uniform(1 - scan.spread, 1 + scan.spread)
        self.clock.at(self._handle() + seconds, self._done, worker, mark)

    def _handle(self) -> float:
        """The scheduler's work on a piece: when it is done."""
        self._free_at = max(self._free_at, self.clock.now) + self.scan.handling
        self._busy += self.scan.handling
        return self._free_at

    def _done(self, worker: int, mark: object) -> None:
        piece, current = self._under_way.get(worker, (0, None))
        if current is not mark:
            return
        del self._under_way[worker]
        assert piece not in self._counted, f"piece {piece} counts twice"
        self._counted.add(piece)
        self._take(worker)

    def _die(self, worker: int) -> None:
        now = self.clock.now
        piece, _ = self._under_way.pop(worker, (None, None))
        if worker in self._idle:
            self._idle.remove(worker)
        if piece is not None:
            self._repeated += 1
            self.clock.at(now + self.scan.lost, self._again, piece)
        self.clock.at(now + self.scan.worker_rest, self._begin, worker)

    def _again(self, piece: int) -> None:
        self._waiting.append(piece)
        if self._idle:
            self._take(self._idle.pop())


def simulate(scan: Scan, **changes: object) -> Outcome:
    """Run it, with changes."""
    return Simulation(replace(scan, **changes)).run()  # type: ignore[arg-type]
