"""One way of doing the work, measured from inside a process that does nothing else.

The one rule: whoever carries it, every input's outcome comes back exactly once and in its place; an input whose call
raises has that as its outcome. Run as `python -m shoal.compare.variant`, with the task as JSON on standard input.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from shoal.compare.work import BUILT_IN, Work, built_in, own
from shoal.errors import ShoalError
from shoal.workers import Lost, carrier

WAYS = ("serial", "threads", "processes", "coroutines")
_MODELS = {"serial": "async", "threads": "thread", "processes": "proc"}
_READY = "ready"
_MEMORY = "memory"


@dataclass(frozen=True)
class Task:
    """What one process is to do: `way` with `n` carriers, or coroutines at a time.

    `inputs` are those of a function of the user's; built-in work has `count` inputs of its own, from the site `origin`.
    """

    work: str
    way: str
    n: int
    origin: str = ""
    count: int | None = None
    inputs: list[Any] | None = None


@dataclass(frozen=True)
class Figures:
    """What it took.

    seconds   from before the first carrier is made until the last result is here
    start     seconds of these until every carrier was ready for its first input
    cpu       seconds of processor time, user and system, of all processes
    memory    bytes: the peak of this process, and of other processes what they have for themselves at their end
    switches  how often a thread gave way to another, or was made to
    digest    of all outcomes in their order; `failed` of them are errors, of which `problem` is the first
    """

    seconds: float
    start: float
    cpu: float
    memory: int
    switches: int
    digest: str
    failed: int
    problem: str


class _Share:
    """A runner: the inputs of one carrier, one after another."""

    def __init__(self, work: Work, places: Sequence[int], process: int) -> None:
        self._work = work
        self._places = places
        self._process = process
        self._stopped = False

    def run(self) -> Iterator[Any]:
        yield _READY, time.monotonic()
        yield from self._outcomes()
        if os.getpid() != self._process:
            yield _MEMORY, _own_memory()

    def stop(self) -> None:
        self._stopped = True

    def _outcomes(self) -> Iterator[Any]:
        call = self._work.plain or _awaited(self._work)
        for place in self._places:
            if self._stopped:
                return
            yield place, _outcome(call, self._work.inputs[place])


class _Coroutines(_Share):
    """A runner: all inputs as coroutines of one loop, so many at a time."""

    def __init__(self, work: Work, places: Sequence[int], process: int, n: int) -> None:
        super().__init__(work, places, process)
        self._n = n

    def _outcomes(self) -> Iterator[Any]:
        return iter(asyncio.run(self._gathered()))

    async def _gathered(self) -> list[tuple[int, Any]]:
        outcomes: list[tuple[int, Any]] = []
        waiting = iter(self._places)
        await asyncio.gather(*(self._one_by_one(waiting, outcomes) for _ in range(self._n)))
        return outcomes

    async def _one_by_one(self, waiting: Iterator[int], outcomes: list[tuple[int, Any]]) -> None:
        call = self._work.coroutine
        assert call is not None
        for place in waiting:
            try:
                outcomes.append((place, [True, await call(self._work.inputs[place])]))
            except Exception as problem:
                outcomes.append((place, _failure(problem)))


def run(task: Task) -> Figures:
    """Do it and measure. Raises UsageError for work that cannot be had, RuntimeError when a carrier is lost."""
    work = own(task.work, task.inputs or []) if task.work not in BUILT_IN else _built_in(task)
    began, cpu, switches = time.monotonic(), _cpu(), _switches()
    ready, memory, outcomes = began, 0, {}
    for kind, value in _messages(task, work):
        if kind == _READY:
            ready = max(ready, value)
        elif kind == _MEMORY:
            memory += value
        else:
            outcomes[kind] = value
    seconds = time.monotonic() - began
    in_order = [outcomes[place] for place in range(len(work.inputs))]
    failures = [value for well, value in in_order if not well]
    digest = hashlib.sha256(json.dumps(in_order, sort_keys=True, default=repr).encode()).hexdigest()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Figures(
        seconds, ready - began, _cpu() - cpu, memory + peak, _switches() - switches,
        digest, len(failures), failures[0] if failures else "",
    )  # fmt: skip


def _built_in(task: Task) -> Work:
    return built_in(task.work, task.origin, task.count)


def _messages(task: Task, work: Work) -> Iterator[tuple[Any, Any]]:
    """Everything the carriers say, as (kind, value)."""
    places = range(len(work.inputs))
    if task.way == "coroutines":
        carried = carrier("async", partial(_Coroutines, work, process=os.getpid(), n=task.n), [places])
    else:
        shares = [places[first :: task.n] for first in range(min(task.n, len(places)))]
        carried = carrier(_MODELS[task.way], partial(_Share, work, process=os.getpid()), shares)
    for message in carried.run():
        if isinstance(message, Lost):
            raise RuntimeError(message.why)
        yield message


def _awaited(work: Work) -> Any:
    """A function `async def`, called as a plain one: a loop of its own for each call, as naive code has it."""
    assert work.coroutine is not None
    coroutine = work.coroutine
    return lambda given: asyncio.run(coroutine(given))  # type: ignore[arg-type]


def _outcome(call: Any, given: Any) -> list[Any]:
    try:
        return [True, call(given)]
    except Exception as problem:
        return _failure(problem)


def _failure(problem: Exception) -> list[Any]:
    return [False, f"{type(problem).__name__}: {problem}"]


def _cpu() -> float:
    return sum(os.times()[:4])


def _switches() -> int:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_nvcsw + usage.ru_nivcsw for usage in both)


def _own_memory() -> int:
    """Bytes that this process shares with no other; where the system cannot tell, its peak."""
    try:
        with open("/proc/self/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Private_"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> int:
    """Read the task, print the figures or the problem as JSON; results of the work itself stay here."""
    told = os.dup(1)
    os.dup2(2, 1)  # what the user's function prints is not taken for our answer
    try:
        answer: dict[str, Any] = asdict(run(Task(**json.load(sys.stdin))))
    except (ShoalError, RuntimeError) as problem:
        answer = {"lost": str(problem)}
    os.write(told, json.dumps(answer).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
