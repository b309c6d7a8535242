"""Jobs in real processes, one each, with one pipe a process for what comes back.

The one rule: only what our own children send is unpickled, and a child that dies without its last word is a `Lost`,
never silence. Children leave Ctrl-C to the parent and take SIGTERM as "finish early"; a parent that is gone shows as
a broken pipe at a child's next message, which ends it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import sys

from shoal.workers import Lost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from typing import Any

    from shoal.workers import MakeRunner

END = "end"
_FAREWELL_SECONDS = 5.0

# Forking a process without threads is safe and takes 2 ms; elsewhere the platform's own way.
_CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else None)


class Processes:
    """The carrier of `-m proc`."""

    def __init__(self, make_runner: MakeRunner, jobs: Sequence[Any]) -> None:
        self._make_runner = make_runner
        self._jobs = jobs
        self._children: dict[Connection, tuple[int, Any]] = {}
        self._stopping = False

    def run(self) -> Iterator[Any]:
        """The messages of all jobs as they come."""
        try:
            for number, job in enumerate(self._jobs):
                self._start(number, job)
            while self._children:
                for connection in multiprocessing.connection.wait(list(self._children)):
                    yield from self._read(connection)  # type: ignore[arg-type]
        finally:
            self.close()

    def stop(self) -> None:
        """Ask every child to finish early (SIGTERM)."""
        self._stopping = True
        for _, child in list(self._children.values()):
            child.terminate()

    def close(self) -> None:
        """Kill whoever is left, and collect them."""
        for connection, (_, child) in list(self._children.items()):
            child.kill()
            child.join()
            child.close()
            connection.close()
        self._children.clear()

    def _start(self, number: int, job: Any) -> None:
        here, there = _CONTEXT.Pipe(duplex=False)
        child = _CONTEXT.Process(target=_carry, args=(there, self._make_runner, job), name=f"shoal-{number}")
        child.start()
        there.close()
        self._children[here] = number, child

    def _read(self, connection: Connection) -> Iterator[Any]:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            message = None
        if message is None or message == END or isinstance(message, Exception):
            number, child = self._children.pop(connection)
            connection.close()
            child.join(_FAREWELL_SECONDS)
            if message is None and not (self._stopping and child.exitcode == -signal.SIGTERM):
                yield Lost(number, f"the worker process died ({_status(child.exitcode)})")
            elif isinstance(message, Exception):
                yield Lost(number, f"{type(message).__name__}: {message}", message)
            child.kill()
            child.join()
            child.close()
        else:
            yield message


def _status(exitcode: int | None) -> str:
    return f"signal {-exitcode}" if exitcode is not None and exitcode < 0 else f"exit status {exitcode}"


def _carry(connection: Connection, make_runner: MakeRunner, job: Any) -> None:
    """In the child: do the job, send every message, and the last word."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(BrokenPipeError):
        try:
            runner = make_runner(job)
            signal.signal(signal.SIGTERM, lambda *_: runner.stop())
            for message in runner.run():
                connection.send(message)
            connection.send(END)
        except BrokenPipeError:
            raise
        except Exception as error:
            connection.send(error)
