"""Jobs in real threads: the same loops, sharing one interpreter lock.

The one rule: what travels between threads goes through one bounded queue, so a slow reader slows the jobs and memory
stays bounded. No thread outlives the carrier, but one that is silent for longer than `patience` cannot be ended: it is
told to stop, left alone, and nothing it says is heard any more.
"""

from __future__ import annotations

import queue
import threading
import time

from shoal.workers import Lost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from shoal.workers import MakeRunner, Runner

WAITING_MESSAGES = 256


class _Worker:
    """One thread: the number of its job, its runner, and since when it says nothing of its own accord.

    `read` is released when all that a job said has been read: only then is the next one taken.
    """

    __slots__ = ("job", "left_alone", "read", "runner", "silent_since", "thread")

    def __init__(self) -> None:
        self.read = threading.Semaphore(0)
        self.job = -1
        self.runner: Runner | None = None
        self.silent_since: float | None = None
        self.left_alone = False
        self.thread: threading.Thread | None = None


class _JobEnded:
    """The last word of a job."""


class _Ended:
    """The last word of a thread."""


class Threads:
    """The carrier of `-m thread`: at most `width` jobs at a time."""

    def __init__(self, make_runner: MakeRunner, jobs: Iterable[Any], width: int, patience: float | None = None) -> None:
        self._make_runner = make_runner
        self._jobs = enumerate(jobs)
        self._taking = threading.Lock()
        self._width = width
        self._patience = patience
        self._queue: queue.Queue[tuple[_Worker, Any]] = queue.Queue(WAITING_MESSAGES)
        self._workers: list[_Worker] = []
        self._stopping = False
        self._closed = False

    def run(self) -> Iterator[Any]:
        """The messages of all jobs as they come."""
        try:
            for _ in range(self._width):
                self._begin()
            while self._workers:
                try:
                    worker, message = self._queue.get(timeout=self._patience)
                except queue.Empty:
                    yield from self._give_up(time.monotonic())
                    continue
                if isinstance(message, _Ended):
                    self._workers.remove(worker)
                elif isinstance(message, _JobEnded):
                    worker.read.release()
                elif not worker.left_alone:
                    yield message
        finally:
            self.close()

    def stop(self) -> None:
        """Ask every job to finish early, and begin no other."""
        self._stopping = True
        for worker in list(self._workers):
            if worker.runner:
                worker.runner.stop()

    def close(self) -> None:
        """Stop, throw away what nobody reads any more, and wait for the threads."""
        self._closed = True
        self.stop()
        for worker in self._workers:
            worker.read.release()
            while worker.thread and worker.thread.is_alive():
                self._empty()
                worker.thread.join(0.01)
        self._workers.clear()

    def _begin(self) -> None:
        worker = _Worker()
        name = f"shoal-{len(self._workers)}"
        worker.thread = threading.Thread(target=self._work, args=(worker,), name=name, daemon=True)
        self._workers.append(worker)
        worker.thread.start()

    def _give_up(self, now: float) -> Iterator[Lost]:
        """Replace the workers whose patience is over; nothing waits to be read, so they are silent indeed."""
        patience = self._patience or 0.0
        for worker in list(self._workers):
            if worker.silent_since is None or now - worker.silent_since < patience:
                continue
            worker.left_alone = True
            self._workers.remove(worker)
            if worker.runner:
                worker.runner.stop()
            yield Lost(worker.job, f"it said nothing for {patience:g} s")
            if not self._stopping:
                self._begin()

    # In the thread.

    def _work(self, worker: _Worker) -> None:
        try:
            while not (self._stopping or worker.left_alone) and self._take(worker):
                pass
        finally:
            self._say(worker, _Ended())

    def _take(self, worker: _Worker) -> bool:
        """Carry the next job; False when there is none."""
        with self._taking:
            number, job = next(self._jobs, (-1, None))
        if number < 0:
            return False
        worker.job, worker.silent_since = number, time.monotonic()
        try:
            worker.runner = self._make_runner(job)
            if self._stopping:
                worker.runner.stop()
            for message in worker.runner.run():
                if not self._say(worker, message):
                    return False
        except Exception as error:
            self._say(worker, Lost.by(number, error))
        if not self._say(worker, _JobEnded()):
            return False
        worker.silent_since = None
        worker.read.acquire()
        return True

    def _say(self, worker: _Worker, message: Any) -> bool:
        """Hand over; False when nobody wants it any more. Waiting for the reader is not silence."""
        if self._closed or worker.left_alone:
            return False
        worker.silent_since = None
        self._queue.put((worker, message))
        worker.silent_since = time.monotonic()
        return True

    def _empty(self) -> None:
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            pass
