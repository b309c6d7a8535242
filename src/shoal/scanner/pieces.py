"""A scan in pieces: runs of whole blocks, each done at once, counted where it was carried, and kept or repeated whole.

This is how a scan is carried by a cluster, where what travels should be little, and how one is kept that may be killed
and gone on with. The one rule: a piece is the same whoever carries it and however often, so the first one counts.
"""

from __future__ import annotations

from time import monotonic

from shoal.scanner.probes import Job
from shoal.workers import Beat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from shoal.scanner.result import HostReport, HostResult, PortResult
    from shoal.scanner.tally import Tally

    Found = PortResult | HostResult
    Span = tuple[int, int]

PIECE_PROBES = 1 << 18
"""A piece has at most about so many probes: seconds of work, which is what a lost worker costs."""
LEAST_PIECE = 1 << 12
"""A smaller one is not worth the 9 ms or more that a job costs on a cluster (benchmarks/results/cluster.md)."""
PIECES_PER_WORKER = 4
BEAT_SECONDS = 0.2


class Piece:
    """What a piece gave, as a `Batch` is for a whole scan.

    `span` are its blocks, the first one and the first that is not; `whole` is False if it was stopped before its end.
    """

    __slots__ = ("counts", "errors", "found", "reports", "settled", "span", "whole")

    def __init__(
        self,
        span: Span,
        whole: bool,
        settled: int,
        counts: dict[str, int],
        errors: dict[str, tuple[str, int]],
        found: list[Found],
        reports: list[HostReport],
    ) -> None:
        self.span = span
        self.whole = whole
        self.settled = settled
        self.counts = counts
        self.errors = errors
        self.found = found
        self.reports = reports

    def __reduce__(self) -> tuple[object, ...]:
        values = self.span, self.whole, self.settled, self.counts, self.errors, self.found, self.reports
        return Piece, values


class PieceRunner:
    """Carries one piece: its engine, and a tally of its own. One message, at the end, and beats until then."""

    def __init__(self, make_tally: Callable[[], Tally], make_engine: Callable[[Job], Any], job: Job) -> None:
        self._tally = make_tally()
        self._engine = make_engine(job)
        self._job = job

    def run(self) -> Iterator[Piece | Beat]:
        """Work to the end, or until stopped."""
        tally, span = self._tally, self._job.span or (0, 0)
        beat_at = 0.0
        found: list[Found] = []
        reports: list[HostReport] = []
        settled = 0
        for batch in self._engine.run():
            found += tally.take(batch)
            settled += batch.settled
            reports += tally.finished(batch)
            if monotonic() >= beat_at:
                beat_at = monotonic() + BEAT_SECONDS
                yield Beat(span, settled)
        reports += tally.rest()
        whole = settled == self._job.probes
        yield Piece(span, whole, settled, tally.counts, tally.errors, found, reports)

    def stop(self) -> None:
        """Finish early; the piece is not whole then."""
        self._engine.stop()


class Sum:
    """The tally of all pieces: they were counted where they were carried, and are added up here."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.errors: dict[str, tuple[str, int]] = {}

    def take(self, piece: Piece) -> list[Found]:
        """Add a piece; returns what was found."""
        for state, count in piece.counts.items():
            self.counts[state] = self.counts.get(state, 0) + count
        for reason, (address, count) in piece.errors.items():
            first, before = self.errors.get(reason, (address, 0))
            self.errors[reason] = first, before + count
        return piece.found

    def finished(self, piece: Piece) -> Iterable[HostReport]:
        """Its reports."""
        return piece.reports

    def rest(self) -> Iterable[HostReport]:
        """Nothing is ever held back."""
        return ()


def pieces(job: Job, workers: int, done: Iterable[Span] = ()) -> list[Job]:
    """The parts of a job that are not done: for `workers` at a time, and some more, so that none waits for the last."""
    blocks = job.block_count
    wanted = max(min(workers * PIECES_PER_WORKER, job.probes // LEAST_PIECE), job.probes // PIECE_PROBES, 1)
    length = -(-blocks // wanted)
    ceiling = None if job.ceiling is None else max(1, job.ceiling // workers)
    parts = (
        Job(
            job.targets, job.ports, job.seed, job.shard, ceiling, job.longest, job.tries, job.evidence,
            span=(first, min(first + length, end)),
        )
        for begin, end in _gaps(sorted(done), blocks)
        for first in range(begin, end, length)
    )  # fmt: skip
    return [part for part in parts if part.probes]


def _gaps(done: Iterable[Span], blocks: int) -> Iterator[Span]:
    """What is between the spans, up to the last block."""
    at = 0
    for first, last in done:
        if first > at:
            yield at, first
        at = max(at, last)
    if at < blocks:
        yield at, blocks
