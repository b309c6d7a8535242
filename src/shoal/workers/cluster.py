"""Jobs on the machines of a Dask cluster (https://distributed.dask.org).

A job becomes a task: its runner works in a worker of the cluster, and what it said comes back in one piece when it is
done, so what a job says must fit into memory. Dask gives a job to another worker when one is lost; when the scheduler
is lost, jobs without an outcome are handed in again as soon as there is one. A job without an outcome for `patience`
seconds is given to another worker as well, for its own may be paused or cut off.

The one rule: of all outcomes of a job the first one counts, and no other is heard.
"""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any

from distributed import Client

from shoal.errors import MachineError
from shoal.workers import Beat, Lost, portable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distributed import Future

    from shoal.workers import MakeRunner, Runner

RECONNECT_SECONDS = 60.0
"""So long a scheduler may be gone."""
TICK_SECONDS = 0.5
AHEAD = 1.5
"""Jobs handed in for each thread of the cluster: one at work, and one in two waits for the next that is free."""
TRIES = 3
"""A job is handed in so many times at most."""

_RUNNING: dict[str, set[Runner]] = {}
"""In a worker: what it carries, by run."""
_STOPPED: deque[str] = deque(maxlen=64)
"""In a worker: runs that were stopped, for jobs of theirs that it had not begun."""


class _Job:
    """A job that was taken: when it was last handed in, how often, and the tasks that may bring its outcome."""

    __slots__ = ("handed_in_at", "job", "number", "tasks", "tries")

    def __init__(self, number: int, job: Any) -> None:
        self.number = number
        self.job = job
        self.tries = 0
        self.handed_in_at = 0.0
        self.tasks: dict[str, Future] = {}


class Cluster:
    """The carrier of `--cluster`. The client is the caller's, and stays open.

    `width`: jobs handed in at a time (None: what the cluster's threads want, as they come and go).
    Raises MachineError from `run` when the cluster has no worker or no scheduler for too long.
    """

    def __init__(
        self,
        make_runner: MakeRunner,
        jobs: Iterable[Any],
        client: Client,
        width: int | None = None,
        patience: float | None = None,
    ) -> None:
        self._make_runner = make_runner
        self._jobs = enumerate(jobs)
        self._client = client
        self._width = width
        self._patience = patience
        self._run_id = uuid.uuid4().hex
        self._open: dict[int, _Job] = {}
        self._again: list[_Job] = []
        self._done: queue.SimpleQueue[tuple[int, str, Future]] = queue.SimpleQueue()
        self._gone_since: float | None = None
        self._room = 1
        self._look_again_at = 0.0
        self._stopping = False

    def run(self) -> Iterator[Any]:
        """The messages of all jobs, each job's when it is done."""
        try:
            while True:
                self._fill(time.monotonic())
                if not self._open and not self._again:
                    return
                try:
                    number, key, future = self._done.get(timeout=TICK_SECONDS)
                except queue.Empty:
                    yield from self._look(time.monotonic())
                    continue
                yield from self._outcome(number, key, future)
        finally:
            self.close()

    def stop(self) -> None:
        """Ask the runners to finish early, and begin no other. What is not begun is dropped."""
        self._stopping = True
        threading.Thread(target=self._tell_to_stop, name="shoal-stop", daemon=True).start()

    def close(self) -> None:
        """Give up what is still out there."""
        futures = [future for job in self._open.values() for future in job.tasks.values()]
        if futures and self._client.status == "running":
            self._tell_to_stop()
            self._client.cancel(futures, force=True)
        self._open.clear()

    def _tell_to_stop(self) -> None:
        try:
            self._client.run(_stop_runners, self._run_id, on_error="ignore")
        except (OSError, ValueError, TimeoutError):
            return  # nobody is there to be told

    def _fill(self, now: float) -> None:
        """Hand in jobs while there is room, and a scheduler to take them."""
        if not self._connected(now):
            return
        room = self._width or self._wanted(now)
        while len(self._open) < room and not self._stopping and (job := self._next()):
            self._hand_in(job, now)
        if self._stopping:
            self._again.clear()

    def _next(self) -> _Job | None:
        if self._again:
            return self._again.pop()
        taken = next(self._jobs, None)
        return None if taken is None else _Job(*taken)

    def _wanted(self, now: float) -> int:
        """As the cluster is; looked at now and then, for the scheduler tells all of its workers each time."""
        if now >= self._look_again_at:
            self._look_again_at = now + TICK_SECONDS
            threads = sum(worker["nthreads"] for worker in self._client.scheduler_info(-1)["workers"].values())
            self._room = max(1, int(threads * AHEAD))
        return self._room

    def _connected(self, now: float) -> bool:
        if self._client.status == "running":
            self._gone_since = None
            return True
        self._gone_since = self._gone_since or now
        if now - self._gone_since > RECONNECT_SECONDS or self._client.status == "closed":
            raise MachineError(f"the scheduler of the cluster has been gone for {now - self._gone_since:.0f} s")
        return False

    def _hand_in(self, job: _Job, now: float) -> None:
        job.tries += 1
        job.handed_in_at = now
        key = f"shoal-{self._run_id}-{job.number}-{job.tries}"
        future = self._client.submit(
            _carry, self._run_id, self._make_runner, job.job, key=key, pure=False, workers=self._others(job) or None
        )
        job.tasks[key] = future
        self._open[job.number] = job
        future.add_done_callback(lambda done: self._done.put((job.number, key, done)))

    def _others(self, job: _Job) -> list[str]:
        """For a second try: workers that do not have the first, if there are any."""
        if not job.tasks:
            return []
        holding = self._client.processing()
        busy = {address for address, keys in holding.items() if any(key in job.tasks for key in keys)}
        return [address for address in holding if address not in busy]

    def _outcome(self, number: int, key: str, future: Future) -> Iterator[Any]:
        job = self._open.get(number)
        if job is None or key not in job.tasks:
            return  # somebody else was first
        if future.status == "finished":
            said, failure = future.result()
            self._settle(job)
            yield from said
            if failure:
                yield Lost(number, *failure)
            return
        del job.tasks[key]
        if job.tasks:
            return
        del self._open[number]
        if self._stopping:
            return
        if future.status == "error" and (job.tries >= TRIES or not _worker_died(future)):
            yield Lost(number, _why(future))
        else:
            self._again.append(job)

    def _settle(self, job: _Job) -> None:
        """Its outcome is here; other tries are given up."""
        del self._open[job.number]
        rest = [future for future in job.tasks.values() if not future.done()]
        if rest:
            self._client.cancel(rest, force=True)
        job.tasks.clear()

    def _look(self, now: float) -> Iterator[Lost]:
        """Nothing came for a while: who has been silent for too long?"""
        if self._patience is None or not self._connected(now):
            return
        for job in list(self._open.values()):
            if now - job.handed_in_at < self._patience:
                continue
            if job.tries < TRIES:
                self._hand_in(job, now)
            else:
                self._settle(job)
                yield Lost(job.number, f"it had no outcome within {job.tries} times {self._patience:g} s")


def _worker_died(future: Future) -> bool:
    return type(future.exception()).__name__ == "KilledWorker"


def _why(future: Future) -> str:
    if _worker_died(future):
        return "its workers died, one after another"
    problem = future.exception()
    return f"{type(problem).__name__}: {problem}"


# In a worker of the cluster.


def _carry(run_id: str, make_runner: MakeRunner, job: Any) -> tuple[list[Any], tuple[str, Exception | None] | None]:
    """Do the job: what it said, and why it did not end well if it did not."""
    runners = _RUNNING.setdefault(run_id, set())
    said: list[Any] = []
    runner = None
    try:
        runner = make_runner(job)
        runners.add(runner)
        if run_id in _STOPPED:
            runner.stop()
        said.extend(message for message in runner.run() if not isinstance(message, Beat))
    except Exception as error:
        return said, (f"{type(error).__name__}: {error}", portable(error))
    finally:
        runners.discard(runner)
        if not runners:
            _RUNNING.pop(run_id, None)
    return said, None


def _stop_runners(run_id: str) -> None:
    _STOPPED.append(run_id)
    for runner in list(_RUNNING.get(run_id, ())):
        runner.stop()
