"""In a member of a Dask cluster: one worker of a crew, in a process of its own, for as long as somebody talks with it.

Two things happen here. A *task* of Dask holds one of the member's threads, so that the scheduler gives it to nobody
else. And the member's own server, at the address and with the encryption that it has anyway, answers `OPERATION`: it
starts the process and passes bytes on, both ways, without looking at them.

The one rule: the process lives only as long as the connection, the task and the member do. What the other side has not
confirmed is at most `MOST_UNCONFIRMED` bytes; then the process is not listened to until it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

from distributed import get_worker
from distributed.comm import CommClosedError
from distributed.core import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Worker
    from distributed.comm import Comm

OPERATION = "shoal_crew"
MOST_UNCONFIRMED = 4 << 20
BEGIN_SECONDS = 30.0
"""So long the connection waits for the task, and the task for the connection."""
_PIECE = 1 << 17
_TICK = 0.2
_FAREWELL_SECONDS = 2.0


class _Seat:
    """A thread that is held, and whether somebody sits there."""

    def __init__(self) -> None:
        self.held = threading.Event()
        self.taken = threading.Event()
        self.over = threading.Event()


_SEATS: dict[str, _Seat] = {}


def install(dask_worker: Worker) -> None:
    """Let the member's server answer; be run in every member that is to have a worker."""
    dask_worker.handlers[OPERATION] = _converse


def hold_seat(name: str) -> None:
    """The task: hold a thread of this member until the worker of that name is done, or does not come."""
    member = get_worker()
    seat = _SEATS.setdefault(name, _Seat())
    seat.held.set()
    waited = 0.0
    try:
        while not seat.over.wait(_TICK) and member.status in (Status.running, Status.paused):
            waited += _TICK
            if waited > BEGIN_SECONDS and not seat.taken.is_set():
                return
    finally:
        seat.over.set()
        _SEATS.pop(name, None)


async def _converse(comm: Comm, name: str) -> Status:
    """The other side has connected: start the worker's process and pass on what both say."""
    seat = _SEATS.setdefault(name, _Seat())
    seat.taken.set()
    try:
        if await _held(seat):
            await _Talk(comm, seat).run()
    except (CommClosedError, OSError):
        pass  # nobody is there to be told
    finally:
        seat.over.set()
        comm.abort()
    return Status.dont_reply


async def _held(seat: _Seat) -> bool:
    for _ in range(int(BEGIN_SECONDS / 0.01)):
        if seat.held.is_set():
            return True
        await asyncio.sleep(0.01)
    return False


class _Talk:
    """A process and its connection."""

    def __init__(self, comm: Comm, seat: _Seat) -> None:
        self._comm = comm
        self._seat = seat
        self._unconfirmed = 0
        self._room = asyncio.Event()

    async def run(self) -> None:
        """Until the process ends, or the connection, or the member."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "shoal.workers.hosted", str(theirs.fileno()),
                pass_fds=(theirs.fileno(),), stdin=asyncio.subprocess.DEVNULL, env=_environment(),
            )  # fmt: skip
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours)
        talking = [asyncio.ensure_future(one) for one in (self._down(writer), self._up(reader), self._member_ends())]
        try:
            await asyncio.wait(talking, return_when=asyncio.FIRST_COMPLETED)
            if talking[1].done() and not self._comm.closed():
                await self._tell_end(process)
                await asyncio.wait(talking[:1], timeout=_FAREWELL_SECONDS)  # until the other side has heard it
        finally:
            await _end(process, writer, talking)

    async def _down(self, writer: asyncio.StreamWriter) -> None:
        """To the process; a number is how many bytes the other side has taken."""
        while True:
            said = await self._comm.read()
            if isinstance(said, int):
                self._unconfirmed -= said
                self._room.set()
                continue
            writer.write(said)
            await writer.drain()

    async def _up(self, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(_PIECE):
            await self._comm.write(piece)
            self._unconfirmed += len(piece)
            while self._unconfirmed > MOST_UNCONFIRMED:
                self._room.clear()
                await self._room.wait()

    async def _member_ends(self) -> None:
        while not self._seat.over.is_set():
            await asyncio.sleep(_TICK)

    async def _tell_end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _FAREWELL_SECONDS)
        code = process.returncode
        how = "it hangs" if code is None else f"signal {-code}" if code < 0 else f"exit status {code}"
        await self._comm.write({"ended": how})


async def _end(
    process: asyncio.subprocess.Process, writer: asyncio.StreamWriter, talking: Sequence[asyncio.Future[None]]
) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    for one in talking:
        one.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    writer.close()
    await process.wait()


def _environment() -> dict[str, str]:
    """Ours, and what can be imported here can be there."""
    paths = [path or os.getcwd() for path in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
