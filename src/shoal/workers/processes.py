"""Jobs in real processes, with one pipe a process for jobs there and messages back.

The one rule: only what our own children send is unpickled, and a job whose worker dies is begun again by another while
nothing of it was heard, else it is a `Lost`; never silence. Children leave Ctrl-C to the parent and take SIGTERM as
"finish early"; a parent that is gone shows as the end of the pipe, which ends them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import sys
import time
from collections import deque

from shoal.workers import Beat, Lost, portable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from typing import Any

    from shoal.workers import MakeRunner

_FAREWELL_SECONDS = 5.0

# Forking a process without threads is safe and takes 2 ms; elsewhere the platform's own way.
_CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else None)


STOPPED = "the worker process was told to stop (SIGTERM)"


class _LastWord:
    """What a child says when a job is over: nothing, or why it did not end well."""

    __slots__ = ("error", "why")

    def __init__(self, why: str = "", error: Exception | None = None) -> None:
        self.why = why
        self.error = error


class _Job:
    """A job that was taken: how many workers have died of it, or with it."""

    __slots__ = ("deaths", "job", "number")

    def __init__(self, number: int, job: Any) -> None:
        self.number = number
        self.job = job
        self.deaths = 0


class _Child:
    """One process, what it does, whether anything of that was heard, and when it last said something."""

    __slots__ = ("doing", "heard", "heard_at", "process")

    def __init__(self, process: Any, doing: _Job) -> None:
        self.process = process
        self.begin(doing)

    def begin(self, doing: _Job) -> None:
        """From now on it does this."""
        self.doing: _Job | None = doing
        self.heard = False
        self.heard_at = time.monotonic()


class Processes:
    """The carrier of `-m proc`: at most `width` processes at a time, each with one job at a time."""

    def __init__(
        self,
        make_runner: MakeRunner,
        jobs: Iterable[Any],
        width: int,
        patience: float | None = None,
        tries: int = 2,
    ) -> None:
        self._make_runner = make_runner
        self._jobs = enumerate(jobs)
        self._again: deque[_Job] = deque()
        self._width = width
        self._patience = patience
        self._tries = tries
        self._children: dict[Connection, _Child] = {}
        self._stopping = False

    def run(self) -> Iterator[Any]:
        """The messages of all jobs as they come."""
        try:
            while True:
                self._fill()
                if not self._children:
                    return
                ready = multiprocessing.connection.wait(list(self._children), self._patience)
                for connection in ready:
                    yield from self._read(connection)  # type: ignore[arg-type]
                if self._patience is not None:
                    yield from self._give_up(time.monotonic() - self._patience)
        finally:
            self.close()

    def stop(self) -> None:
        """Ask every child to finish early (SIGTERM), and begin no other job."""
        self._stopping = True
        for child in list(self._children.values()):
            child.process.terminate()

    def close(self) -> None:
        """Kill whoever is left, and collect them."""
        for connection in list(self._children):
            self._end(connection, patience=0)

    def _next(self) -> _Job | None:
        if self._stopping:
            return None
        if self._again:
            return self._again.popleft()
        taken = next(self._jobs, None)
        return None if taken is None else _Job(*taken)

    def _fill(self) -> None:
        """A process for each job that there is room for."""
        while len(self._children) < self._width and (job := self._next()):
            here, there = _CONTEXT.Pipe()
            process = _CONTEXT.Process(
                target=_carry, args=(there, self._ours(here), self._make_runner, job.job),
                name=f"shoal-{job.number}",
            )  # fmt: skip
            process.start()
            there.close()
            self._children[here] = _Child(process, job)

    def _ours(self, here: Connection) -> list[Connection]:
        """What a child inherits and must close: while it holds our ends, nobody sees that we are gone."""
        return [here, *self._children] if _CONTEXT.get_start_method() == "fork" else []

    def _read(self, connection: Connection) -> Iterator[Any]:
        child = self._children[connection]
        try:
            message = connection.recv()
        except (EOFError, OSError):
            yield from self._died(connection, child)
            return
        child.heard_at = time.monotonic()
        if isinstance(message, _LastWord):
            assert child.doing is not None
            if message.why and not (message.why == STOPPED and self._stopping):
                yield Lost(child.doing.number, message.why, message.error)
            self._go_on(connection, child)
        else:
            child.heard = child.heard or not isinstance(message, Beat)
            yield message

    def _go_on(self, connection: Connection, child: _Child) -> None:
        """The next job for a child, or its end."""
        job = self._next()
        if job is None:
            child.doing = None
            self._end(connection, _FAREWELL_SECONDS)
            return
        child.begin(job)
        with contextlib.suppress(OSError):  # it has died in between: that is read next
            connection.send(job.job)

    def _died(self, connection: Connection, child: _Child) -> Iterator[Lost]:
        code, doing = self._end(connection, _FAREWELL_SECONDS), child.doing
        if doing is None or (self._stopping and code == -signal.SIGTERM):
            return
        doing.deaths += 1
        if child.heard or doing.deaths >= self._tries:
            yield Lost(doing.number, f"the worker process died ({_status(code)})")
        else:
            self._again.append(doing)

    def _give_up(self, before: float) -> Iterator[Lost]:
        """Kill the children that said nothing since `before` and have nothing to say now."""
        for connection, child in list(self._children.items()):
            if child.heard_at > before or connection.poll() or child.doing is None:
                continue
            self._end(connection, patience=0)
            yield Lost(child.doing.number, f"it said nothing for {self._patience:g} s")

    def _end(self, connection: Connection, patience: float) -> int | None:
        """Collect a child, killed unless it ends within `patience` seconds; returns its exit code."""
        child = self._children.pop(connection)
        connection.close()
        child.process.join(patience)
        child.process.kill()
        child.process.join()
        code: int | None = child.process.exitcode
        child.process.close()
        return code


def _status(exitcode: int | None) -> str:
    return f"signal {-exitcode}" if exitcode is not None and exitcode < 0 else f"exit status {exitcode}"


def _carry(connection: Connection, inherited: list[Connection], make_runner: MakeRunner, job: Any) -> None:
    """In the child: do job after job, send every message, and a last word for each."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(BrokenPipeError, EOFError, ConnectionResetError):
        while True:
            _do(connection, make_runner, job)
            job = connection.recv()


def _do(connection: Connection, make_runner: MakeRunner, job: Any) -> None:
    told_to_stop = False

    def stop(*_: Any) -> None:
        nonlocal told_to_stop
        told_to_stop = True
        runner.stop()

    try:
        runner = make_runner(job)
        signal.signal(signal.SIGTERM, stop)
        for message in runner.run():
            connection.send(message)
        last = _LastWord(STOPPED if told_to_stop else "")
    except BrokenPipeError:
        raise
    except Exception as error:
        last = _LastWord(f"{type(error).__name__}: {error}", portable(error))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    connection.send(last)
