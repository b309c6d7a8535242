"""All ways in turn, round by round, each in a process of its own.

The one rule: the ways take turns (A B C A B C), so that what disturbs the machine disturbs all alike; the median is
kept; a way whose results differ from those of the first is wrong, and its time counts for nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from shoal.compare.variant import WAYS, Figures, Task
from shoal.compare.work import BUILT_IN, built_in, own
from shoal.errors import UsageError

LIMIT = 600.0
"""Seconds after which a way is given up."""

NEAR = 1.1
"""Ways that take at most so many times the time of the fastest are as good; the simplest of them is advised."""
GAIN = 1.25
"""From so many times as fast as one after another on, a way has gained: less is not worth its trouble."""
SIMPLICITY = ("serial", "coroutines", "threads", "processes")
"""In this order: what is least to start, to share and to end."""


@dataclass
class Row:
    """One way with one `n`: the median figures, the runs, and `problem` where there are no figures that count."""

    way: str
    n: int
    runs: list[Figures] = field(default_factory=list)
    problem: str = ""

    def median(self, name: str) -> float:
        """The median of a figure over all runs."""
        values: list[float] = [getattr(run, name) for run in self.runs]
        return statistics.median(values)

    @property
    def counts(self) -> bool:
        """Whether the figures may be compared."""
        return bool(self.runs) and not self.problem


@dataclass
class Comparison:
    """A work, its number of inputs, and its rows; the first row that counts is the yardstick."""

    work: str
    inputs: int
    rows: list[Row]
    failed: int = 0
    problem: str = ""

    @property
    def best(self) -> Row | None:
        """The simplest of those that are about as fast as the fastest; one after another if none gains."""
        rows = [row for row in self.rows if row.counts]
        if not rows:
            return None
        fastest = min(row.median("seconds") for row in rows)
        if self.serial and self.serial.median("seconds") < GAIN * fastest:
            return self.serial
        near = [row for row in rows if row.median("seconds") <= NEAR * fastest]
        return min(near, key=lambda row: (SIMPLICITY.index(row.way), row.n))

    @property
    def serial(self) -> Row | None:
        """The row of one after another, if it counts."""
        return next((row for row in self.rows if row.way == "serial" and row.counts), None)

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        rows = [asdict(row) for row in self.rows]
        return {"work": self.work, "inputs": self.inputs, "failed": self.failed, "problem": self.problem, "rows": rows}


def tasks(work: str, counts: Sequence[int], inputs: list[Any] | None, count: int | None) -> Iterator[Task]:
    """One after another once, then each other way with each count."""
    for way in WAYS:
        for n in (1,) if way == "serial" else counts:
            yield Task(work, way, n, count=count, inputs=inputs)


def compare(
    work: str,
    counts: Sequence[int],
    *,
    rounds: int = 3,
    inputs: list[Any] | None = None,
    count: int | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Measure one work. `told` hears what is being done. Raises UsageError for work that cannot be had."""
    known = built_in(work, count=count) if work in BUILT_IN else own(work, inputs or [])
    rows = {task: Row(task.way, task.n) for task in tasks(work, counts, None, count)}
    for task, row in rows.items():
        if task.way == "coroutines" and known.coroutine is None:
            row.problem = "the function is not async def"
    comparison = Comparison(work, len(known.inputs), list(rows.values()))
    with _site(work) as origin:
        for number in range(rounds):
            for task, row in rows.items():
                told(f"{work}, round {number + 1} of {rounds}: {task.way} {task.n}")
                if not row.problem:
                    _measure(Task(work, task.way, task.n, origin, count, inputs), row)
    _check(comparison)
    return comparison


def _measure(task: Task, row: Row) -> None:
    answer = _in_a_process(task)
    if "lost" in answer:
        row.problem = answer["lost"]
    else:
        row.runs.append(Figures(**answer))


def _in_a_process(task: Task) -> dict[str, Any]:
    command = [sys.executable, "-m", "shoal.compare.variant"]
    try:
        ended = subprocess.run(  # noqa: S603 - our own module
            command, input=json.dumps(asdict(task)), stdout=subprocess.PIPE, text=True, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return {"lost": f"not done within {LIMIT:.0f} s"}
    if ended.returncode or not ended.stdout:
        return {"lost": f"the process ended with status {ended.returncode}"}
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def _check(comparison: Comparison) -> None:
    """All runs of all ways must give what the first one gave."""
    runs = [run for row in comparison.rows for run in row.runs]
    if not runs:
        comparison.problem = "no way of doing it came to an end"
        return
    for row in comparison.rows:
        if any(run.digest != runs[0].digest for run in row.runs):
            row.problem = "wrong: other results than one after another"
    comparison.failed = runs[0].failed
    if comparison.failed == comparison.inputs:
        comparison.problem = f"every call failed: {runs[0].problem}"


@contextmanager
def _site(work: str) -> Iterator[str]:
    """The practice site of work that fetches, in a process of its own so that its computing is not counted as ours."""
    if work not in ("io", "mixed"):
        yield ""
        return
    command = [sys.executable, "-m", "shoal.compare.site"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:  # noqa: S603
        assert site.stdout is not None
        try:
            origin = site.stdout.readline().strip()
            if not origin:
                raise UsageError("the practice site did not start")
            yield origin
        finally:
            site.communicate("")


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_counts() -> list[int]:
    """As many as cores, and more."""
    return sorted({cores(), 2 * cores(), 16})
