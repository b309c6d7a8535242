"""What to choose, and why, in words.

The one rule: every clause follows from a figure that was measured here; nothing is said of a way that was not tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shoal.compare.measure import GAIN, Comparison, Row

COMPUTING, WAITING = 0.75, 0.25
"""Shares of its time that work one after another is busy: from the first on it computes, up to the second it waits."""
NAMES = {"serial": "one after another", "threads": "threads", "processes": "processes", "coroutines": "coroutines"}


@dataclass(frozen=True)
class Machine:
    """Where it was measured: cores that may be used, whether the interpreter lock is on, the version of Python."""

    cores: int
    lock: bool
    python: str


def advise(comparison: Comparison, machine: Machine) -> list[str]:
    """The sentences: what to choose first, then the reasons."""
    if comparison.problem:
        return [f"{comparison.work}: nothing can be said, {comparison.problem}."]
    serial, best = comparison.serial, comparison.best
    if serial is None or best is None:
        return [f"{comparison.work}: nothing can be said without one after another to compare with."]
    return [_choice(comparison, serial, best), *_reasons(comparison, serial, machine)]


def speed(row: Row, serial: Row) -> float:
    """How many times as fast as one after another."""
    return serial.median("seconds") / row.median("seconds")


def busy(serial: Row) -> float:
    """The share of its time that work one after another computes."""
    return min(1.0, serial.median("cpu") / serial.median("seconds"))


def _choice(comparison: Comparison, serial: Row, best: Row) -> str:
    if best is serial:
        return f"{comparison.work}: choose one after another; nothing else is clearly faster."
    return (
        f"{comparison.work}: choose {best.n} {NAMES[best.way]}: {speed(best, serial):.1f} times as fast as one after "
        f"another ({best.median('seconds'):.2f} s instead of {serial.median('seconds'):.2f} s)."
    )


def _reasons(comparison: Comparison, serial: Row, machine: Machine) -> Iterator[str]:
    share = busy(serial)
    threads = _fastest(comparison, "threads")
    if threads:
        yield _of_threads(share, threads, serial, machine)
    processes = _fastest(comparison, "processes")
    if processes:
        yield _of_processes(processes, serial)
    coroutines = _fastest(comparison, "coroutines")
    if coroutines:
        yield _of_coroutines(coroutines, serial)
    else:
        yield "Coroutines were not tried: the function is not async def."
    if share >= COMPUTING:
        yield f"For work that computes, {machine.cores} cores set the limit at {machine.cores} times."


def _of_threads(share: float, row: Row, serial: Row, machine: Machine) -> str:
    gain = speed(row, serial)
    fact = f"{row.n} threads are {gain:.1f} times as fast, with {row.median('switches'):,.0f} switches"
    if share < COMPUTING:
        return f"It waits {1 - share:.0%} of its time, and waiting holds no lock: {fact}."
    if gain < GAIN:
        why = (
            "they take turns at the interpreter lock"
            if machine.lock
            else "the lock is off, but something else is shared"
        )
        return f"It computes {share:.0%} of its time and threads gain nothing, for {why}: {fact}."
    why = "the function lets go of the interpreter lock while it works" if machine.lock else "the lock is off"
    return f"It computes {share:.0%} of its time and threads gain all the same, for {why}: {fact}."


def _of_processes(row: Row, serial: Row) -> str:
    gain, start = speed(row, serial), row.median("start")
    each = (row.median("memory") - serial.median("memory")) / row.n / 1e6
    cost = f"{start * 1000:.0f} ms to start and {each:.0f} MB each"
    fact = f"{row.n} processes are {gain:.1f} times as fast; they cost {cost}"
    if gain < GAIN:
        return f"{fact}, which does not pay here."
    return f"{fact}, which pays from about {start / (1 - 1 / gain):.2f} s of work on."


def _of_coroutines(row: Row, serial: Row) -> str:
    gain = speed(row, serial)
    if gain < GAIN:
        return f"Coroutines gain nothing ({gain:.1f} times): one thread runs them all, and computing lets no other run."
    return (
        f"{row.n} coroutines are {gain:.1f} times as fast on one thread, for {row.median('cpu') * 1000:.0f} ms of "
        f"processor time and no memory to speak of."
    )


def _fastest(comparison: Comparison, way: str) -> Row | None:
    rows = [row for row in comparison.rows if row.way == way and row.counts]
    return min(rows, key=lambda row: row.median("seconds")) if rows else None
