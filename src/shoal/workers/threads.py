"""Jobs in real threads, one each: the same loops, sharing one interpreter lock.

The one rule: what travels between threads goes through one bounded queue, so a slow reader slows the jobs and memory
stays bounded. Threads never outlive the carrier: `close` asks them to stop and unblocks whoever waits to hand over.
"""

from __future__ import annotations

import queue
import threading

from shoal.workers import Lost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from shoal.workers import MakeRunner, Runner

WAITING_MESSAGES = 256


class _Ended:
    """Put into the queue by a thread as its last word."""


class Threads:
    """The carrier of `-m thread`."""

    def __init__(self, make_runner: MakeRunner, jobs: Sequence[Any]) -> None:
        self._make_runner = make_runner
        self._jobs = jobs
        self._queue: queue.Queue[Any] = queue.Queue(WAITING_MESSAGES)
        self._runners: list[Runner] = []
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()
        self._stopping = False

    def run(self) -> Iterator[Any]:
        """The messages of all jobs as they come."""
        try:
            for number, job in enumerate(self._jobs):
                thread = threading.Thread(target=self._carry, args=(number, job), name=f"shoal-{number}", daemon=True)
                self._threads.append(thread)
                thread.start()
            working = len(self._jobs)
            while working:
                message = self._queue.get()
                if isinstance(message, _Ended):
                    working -= 1
                else:
                    yield message
        finally:
            self.close()

    def stop(self) -> None:
        """Ask every job to finish early."""
        self._stopping = True
        for runner in self._runners:
            runner.stop()

    def close(self) -> None:
        """Stop, throw away what nobody reads any more, and wait for the threads."""
        self._closed.set()
        self.stop()
        for thread in self._threads:
            while thread.is_alive():
                self._empty()
                thread.join(0.01)

    def _carry(self, number: int, job: Any) -> None:
        try:
            runner = self._make_runner(job)
            self._runners.append(runner)
            if self._stopping:
                runner.stop()
            for message in runner.run():
                if self._closed.is_set():
                    return
                self._queue.put(message)
        except Exception as error:
            self._queue.put(Lost(number, f"{type(error).__name__}: {error}", error))
        finally:
            if not self._closed.is_set():
                self._queue.put(_Ended())

    def _empty(self) -> None:
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            pass
