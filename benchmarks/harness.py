"""Whole processes measured side by side: wall clock, processor time, memory, and whether the answer was right.

The one rule: contestants take turns (A B A B ...), so that what disturbs the machine disturbs them alike; medians are
compared, and a run with a wrong answer is counted as wrong, however fast it was.
"""

from __future__ import annotations

import os
import shlex
import shutil
import statistics
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

LIMIT = 600.0  # seconds after which a run is killed and counts as wrong


class Ground(Protocol):
    """Where the processes run: a namespace or a practice network."""

    def popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a command there."""


@dataclass(frozen=True)
class Contestant:
    """One command, and how its answer is read from what it prints on standard output.

    `rounds`: how many of the row's rounds it takes part in (None: all); slow peers get few.
    """

    name: str
    command: tuple[str, ...]
    answer: Callable[[str], object]
    rounds: int | None = None

    @property
    def missing(self) -> str | None:
        """Why it cannot take part, None if it can."""
        return None if shutil.which(self.command[0]) else f"{self.command[0]} is not installed"


NOTHING = Contestant("nothing", ("true",), str)


@dataclass(frozen=True)
class Sample:
    """One run: seconds of wall clock and of processor time, bytes of memory at the peak, exit status, right or not.

    The kernel counts what the child shared with this program before exec, so no peak is below `Outcome.floor`.
    """

    wall: float
    cpu: float
    peak: int
    status: int
    right: bool


@dataclass
class Measured:
    """All runs of one contestant; `skipped` says why there are none."""

    name: str
    command: str
    samples: list[Sample] = field(default_factory=list)
    skipped: str | None = None

    @property
    def wall(self) -> float:
        """Median seconds."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Median seconds of processor time, user and system, children included."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def peak(self) -> int:
        """The largest memory of all runs, in bytes."""
        return max(sample.peak for sample in self.samples)

    @property
    def right(self) -> int:
        """How many runs had the right answer."""
        return sum(sample.right for sample in self.samples)

    @property
    def always_right(self) -> bool:
        """Every run had the right answer, and there was one."""
        return bool(self.samples) and self.right == len(self.samples)

    def record(self) -> dict[str, object]:
        """As it is written to the results."""
        return asdict(self) | ({"wall": self.wall, "cpu": self.cpu, "peak": self.peak} if self.samples else {})


@dataclass(frozen=True)
class Verdict:
    """One requirement of a row: what was asked, what came out, and whether that is enough (None: not measured)."""

    asked: str
    got: str
    met: bool | None


class Requirement(Protocol):
    """A demand on what was measured; the first contestant is ours."""

    def __call__(self, measured: Sequence[Measured]) -> Verdict:
        """Judge."""


@dataclass(frozen=True)
class Row:
    """One line of the table: a ground, our command, the peers, the right answer, the demands.

    `expected` is the right answer; None where only agreement can be asked (then the first answer of ours is the
    measure). `note` is a sentence for the table.
    """

    name: str
    work: str
    ground: Callable[[], AbstractContextManager[Ground]]
    contestants: tuple[Contestant, ...]
    requirements: tuple[Requirement, ...]
    expected: object = None
    rounds: int = 11
    note: str = ""


@dataclass
class Outcome:
    """A row, measured; `load` before it began, `floor` the memory in bytes below which no peak can be seen."""

    row: Row
    measured: list[Measured]
    verdicts: list[Verdict]
    load: float
    floor: int

    def record(self) -> dict[str, object]:
        """As it is written to the results."""
        return {
            "name": self.row.name,
            "work": self.row.work,
            "note": self.row.note,
            "load_before": self.load,
            "peak_floor": self.floor,
            "measured": [each.record() for each in self.measured],
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
        }


def measure(row: Row, rounds: int | None = None, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Let the contestants of a row take turns; `rounds` overrides the row's own number."""
    load = os.getloadavg()[0]
    measured = [Measured(each.name, shlex.join(each.command), skipped=each.missing) for each in row.contestants]
    with row.ground() as ground:
        expected = row.expected
        floor = run(NOTHING, ground)[0].peak
        for contestant, into in _turns(row, measured, rounds or row.rounds):
            sample, answer = run(contestant, ground, expected)
            expected = answer if expected is None else expected
            into.samples.append(sample)
            tell(
                f"{row.name}: {contestant.name}: {sample.wall:.3f} s{'' if sample.right else f' WRONG: {answer}'[:300]}"
            )
    return Outcome(row, measured, [demand(measured) for demand in row.requirements], load, floor)


def _turns(row: Row, measured: list[Measured], rounds: int) -> Iterator[tuple[Contestant, Measured]]:
    for turn in range(rounds):
        for contestant, into in zip(row.contestants, measured, strict=True):
            if into.skipped is None and turn < (contestant.rounds or rounds):
                yield contestant, into


def run(contestant: Contestant, ground: Ground, expected: object = None) -> tuple[Sample, object]:
    """Run one contestant once; its sample and its answer. Without `expected`, any answer is right."""
    with tempfile.TemporaryFile() as output, open(os.devnull, "r+b") as nothing:
        start = time.perf_counter()
        process = ground.popen(contestant.command, stdin=nothing, stdout=output, stderr=nothing)
        guard = threading.Timer(LIMIT, process.kill)
        guard.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        finally:
            guard.cancel()
            guard.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        answer = contestant.answer(output.read().decode("utf-8", "replace"))
    right = process.returncode == 0 and (expected is None or answer == expected)
    sample = Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, process.returncode, right)
    return sample, answer


def faster_than(peer: str, ratio: float) -> Requirement:
    """Our median wall clock goes at least `ratio` times into the peer's."""

    def judge(measured: Sequence[Measured]) -> Verdict:
        return _compare(f"{ratio:g} x {peer}", measured[0], [each for each in measured if each.name == peer], ratio)

    return judge


def faster_than_best_of(name: str, peers: Sequence[str], ratio: float) -> Requirement:
    """The same against the fastest of several settings that was right in every run."""

    def judge(measured: Sequence[Measured]) -> Verdict:
        fit = [each for each in measured if each.name in peers and each.always_right]
        return _compare(f"{ratio:g} x {name}", measured[0], fit, ratio)

    return judge


def within(seconds: float) -> Requirement:
    """Our median wall clock is at most that."""

    def judge(measured: Sequence[Measured]) -> Verdict:
        wall = measured[0].wall
        return Verdict(f"at most {seconds * 1000:g} ms", f"{wall * 1000:.1f} ms", wall <= seconds)

    return judge


def always_right() -> Requirement:
    """Every run of ours has the right answer."""

    def judge(measured: Sequence[Measured]) -> Verdict:
        ours = measured[0]
        return Verdict("right in every run", f"{ours.right} of {len(ours.samples)}", ours.always_right)

    return judge


def _compare(asked: str, ours: Measured, peers: Sequence[Measured], ratio: float) -> Verdict:
    walls = [(peer.wall, peer.name) for peer in peers if peer.samples]
    if not walls:
        return Verdict(asked, "no such peer here", None)
    wall, name = min(walls)
    return Verdict(asked, f"{wall / ours.wall:.2f} x ({name})", wall / ours.wall >= ratio)
