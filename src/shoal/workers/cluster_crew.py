"""A crew on the machines of a Dask cluster (https://distributed.dask.org): each worker in a process of its own there.

A worker holds one thread of a member of the cluster by a task of Dask, so that the scheduler knows of it; what is said
goes directly between here and that member, over Dask's own connections and with the cluster's encryption: in order,
bounded (see `hosting`), and independent of the scheduler. So members must be reachable from here, as they are from each
other.

The one rule: the end of the connection is the end of the worker, on both sides. A worker for which there is no free
thread waits for one; only when nobody has had one for `PATIENCE` seconds are those who wait lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from distributed.comm import CommClosedError, connect

from shoal.workers import Lost, hosting
from shoal.workers.hosted import Json, name_of
from shoal.workers.line import frame, frames_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client
    from distributed.comm import Comm

    from shoal.workers.crew import Work


PATIENCE = 60.0
_CONNECT_SECONDS = 10.0
_TICK = 0.5
_CONFIRMED_AT_ONCE = hosting.MOST_UNCONFIRMED // 8
_FAREWELL_SECONDS = 5.0
_SHUNNED_SECONDS = 5.0
_GONE = (CommClosedError, OSError, TimeoutError)


class _Place:
    """A worker's: its messages out, its task here, the member it sits at, and its state."""

    def __init__(self, job: bytes) -> None:
        self.job = job
        self.out: asyncio.Queue[bytes | int] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None
        self.why = "it was ended"
        self.member = ""
        self.begun = False


class ClusterCrew:
    """Workers on a cluster. Lives in the loop that runs when it is made; `client` is the caller's, and stays open.

    `heard(number, message)` is called for what worker `number` sends, and with a `Lost` when it is gone. `work` must
    be found by name where a worker is, and so must `words`: a class with what `hosted.Json` has, which makes bytes of
    messages and jobs and reads them.
    """

    def __init__(self, work: Work, heard: Callable[[int, Any], object], client: Client, words: Any = Json) -> None:
        self._heard = heard
        self._client = client
        self._words = words
        self._head = frame(json.dumps({"work": name_of(work), "words": name_of(words)}).encode())
        self._run_id = uuid.uuid4().hex
        self._here = asyncio.get_running_loop()
        # Dask's thread: all connections live there.
        self._there: asyncio.AbstractEventLoop = client.loop.asyncio_loop
        self._places: dict[int, _Place] = {}
        self._dismissed: set[int] = set()
        self._listening = threading.Event()
        self._listening.set()
        self._choosing: asyncio.Lock | None = None
        self._seated_at = time.monotonic()
        # Members that have failed: others are asked first.
        self._failed_at: dict[str, float] = {}

    # What the caller says, in its own loop.

    def start(self, number: int, job: Any) -> None:
        """Begin a worker as soon as there is a free thread. Raises TypeError for a job that cannot be written."""
        place = self._places[number] = _Place(frame(self._words.write_job(job)))
        self._there.call_soon_threadsafe(self._begin, number, place)

    def send(self, number: int, message: Any) -> None:
        """Tell a worker something; nothing happens when it is gone."""
        place = self._places.get(number)
        if place is not None:
            self._there.call_soon_threadsafe(place.out.put_nowait, frame(self._words.write(message)))

    def dismiss(self, number: int) -> None:
        """Its work is done: that it ends is no loss."""
        self._dismissed.add(number)

    def withdraw(self) -> list[int]:
        """Give up those who have not begun; their numbers."""
        waiting = [number for number, place in self._places.items() if not place.begun]
        for number in waiting:
            self.dismiss(number)
            self.kill(number)
        return waiting

    def kill(self, number: int) -> None:
        """End a worker at once; it is a `Lost` unless it was dismissed."""
        place = self._places.get(number)
        if place is not None:
            self._there.call_soon_threadsafe(lambda: place.task and place.task.cancel())

    def hold(self) -> None:
        """Hear nobody until `resume`: nothing is confirmed."""
        self._listening.clear()

    def resume(self) -> None:
        """Hear them again."""
        self._listening.set()

    async def close(self) -> None:
        """Give those who were dismissed time to end, end the others, and collect all."""
        self.resume()
        for number in list(self._places):
            if number not in self._dismissed:
                self.dismiss(number)
                self.kill(number)
        ends = self._here.time() + _FAREWELL_SECONDS
        while self._places:
            if self._here.time() > ends:
                for number in list(self._places):
                    self.kill(number)
            await asyncio.sleep(0.005)

    # What comes, in the caller's loop.

    def _take(self, number: int, message: bytes) -> None:
        if number in self._places:
            self._heard(number, self._words.read(message))

    def _gone(self, number: int) -> None:
        place = self._places.pop(number)
        if number not in self._dismissed:
            self._heard(number, Lost(number, place.why))

    def _tell_here(self, tell: Callable[..., None], *what: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the caller's loop has been closed
            self._here.call_soon_threadsafe(tell, *what)

    # In Dask's thread.

    def _begin(self, number: int, place: _Place) -> None:
        place.task = asyncio.get_running_loop().create_task(self._tend(number, place))
        place.task.add_done_callback(lambda _: self._tell_here(self._gone, number))

    async def _tend(self, number: int, place: _Place) -> None:
        """A worker from its beginning to its end."""
        try:
            while not (why := await self._have_worker(number, place)):
                await asyncio.sleep(_TICK)  # that member has just gone: try another one
            place.why = why
        except Exception as problem:
            place.why = f"{type(problem).__name__}: {problem}"

    async def _have_worker(self, number: int, place: _Place) -> str:
        """Why the worker has ended; empty when it could not begin at a member."""
        if not await self._seat(place):
            return f"the cluster has had no free worker for {PATIENCE:g} s"
        name = f"shoal-crew-{self._run_id}-{number}-{uuid.uuid4().hex[:8]}"
        comm = seat = None
        try:
            installing = self._client.run(hosting.install, workers=[place.member], on_error="raise")
            await asyncio.wait_for(installing, _CONNECT_SECONDS)
            seat = self._client.submit(
                hosting.hold_seat, name, key=name, pure=False, workers=[place.member], allow_other_workers=False
            )
            comm = await self._reach(place.member, name)
            await comm.write(self._head + place.job)
            return await self._talk(number, place, comm)
        except _GONE as problem:
            self._failed_at[place.member] = time.monotonic()
            return f"the connection to {place.member} has ended ({problem or 'no answer'})" if place.begun else ""
        finally:
            place.member = ""
            if comm is not None:
                comm.abort()
            if seat is not None:
                with contextlib.suppress(*_GONE):
                    await asyncio.wait_for(self._client.cancel([seat], force=True), _CONNECT_SECONDS)

    async def _reach(self, member: str, name: str) -> Comm:
        arguments = self._client.security.get_connection_args("client")
        comm = await connect(member, timeout=_CONNECT_SECONDS, **arguments)
        await comm.write({"op": hosting.OPERATION, "name": name, "reply": False})
        return comm

    async def _talk(self, number: int, place: _Place, comm: Comm) -> str:
        telling = asyncio.ensure_future(_tell(place, comm))
        have, taken = bytearray(), 0
        try:
            while True:
                said = await comm.read()
                if isinstance(said, dict):
                    return f"the worker process at {place.member} died ({said['ended']})"
                place.begun = True
                have += said
                for message in frames_in(have):
                    self._tell_here(self._take, number, message)
                while not self._listening.is_set():
                    await asyncio.sleep(0.005)
                taken += len(said)
                if taken > _CONFIRMED_AT_ONCE:
                    place.out.put_nowait(taken)
                    taken = 0
        finally:
            telling.cancel()

    async def _seat(self, place: _Place) -> bool:
        """Wait for a free thread. False when nobody of this crew has one, and nobody has had one for too long."""
        self._choosing = self._choosing or asyncio.Lock()
        while True:
            async with self._choosing:
                place.member = await self._free_member()
            if place.member or any(other.member for other in list(self._places.values())):
                self._seated_at = time.monotonic()
            if place.member:
                return True
            if time.monotonic() - self._seated_at > PATIENCE:
                return False
            await asyncio.sleep(_TICK)

    async def _free_member(self) -> str:
        """The member with the most free threads; empty when there is none, or no scheduler."""
        if self._client.status != "running":
            return ""
        try:
            members = (await self._client.scheduler.identity(n_workers=-1))["workers"]
            at_work = await self._client.scheduler.processing(workers=None)
        except _GONE:
            return ""
        ours = [place.member for place in list(self._places.values())]
        free = {
            address: about["nthreads"] - max(len(at_work.get(address, ())), ours.count(address))
            for address, about in members.items()
        }
        now = time.monotonic()
        trusted = [address for address, count in free.items() if count > 0 and not self._has_just_failed(address, now)]
        return max(trusted, key=free.__getitem__, default="")

    def _has_just_failed(self, member: str, now: float) -> bool:
        return now - self._failed_at.get(member, -_SHUNNED_SECONDS) < _SHUNNED_SECONDS


async def _tell(place: _Place, comm: Comm) -> None:
    """What is to be told, and how much was taken, in its order."""
    with contextlib.suppress(*_GONE):
        while True:
            await comm.write(await place.out.get())


def threads_of(client: Client) -> int:
    """How many workers a cluster has room for, now."""
    members = client.scheduler_info(-1)["workers"]
    return sum(about["nthreads"] for about in members.values())
