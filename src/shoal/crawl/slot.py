"""What the engine keeps for the spider that is open: the requests on their way, and what wakes the engine up.

The one rule: a slot that is closing takes nothing new, and is closed when the last request on its way has ended.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.request import Request


class NextCall:
    """A call that is made soon, once, however often it is asked for meanwhile."""

    __slots__ = ("_call", "_handle", "_loop")

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._handle: asyncio.Handle | None = None
        self._loop = asyncio.get_running_loop()

    def schedule(self, delay: float = 0) -> None:
        """Call it in the next round of the loop, or after `delay` seconds; nothing when it is planned already."""
        if self._handle is None:
            self._handle = self._loop.call_later(delay, self._run) if delay else self._loop.call_soon(self._run)

    def cancel(self) -> None:
        """Do not call it."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _run(self) -> None:
        self._handle = None
        self._call()


class Heartbeat:
    """Makes the call every `interval` seconds, for a scheduler that has nothing now and something later."""

    __slots__ = ("_call", "_interval", "_timer", "running")

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._interval = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.running = False

    def start(self, interval: float) -> None:
        """Begin; the first call comes after one interval."""
        self._interval = interval
        self.running = True
        self._plan()

    def stop(self) -> None:
        """End."""
        self.running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _plan(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._beat)

    def _beat(self) -> None:
        self._call()
        if self.running:
            self._plan()


class Slot:
    """The open spider's: `inprogress` holds the requests between scheduler and spider."""

    def __init__(self, close_if_idle: bool, nextcall: NextCall, scheduler: Any) -> None:
        self.closing: asyncio.Future[None] | None = None
        self.inprogress: set[Request] = set()
        self.close_if_idle = close_if_idle
        self.nextcall = nextcall
        self.scheduler = scheduler
        # What keeps the crawl for another run; None for a crawl that is not kept.
        self.job: Any = None
        self.heartbeat = Heartbeat(nextcall.schedule)

    def add_request(self, request: Request) -> None:
        """A request has left the scheduler."""
        self.inprogress.add(request)

    def remove_request(self, request: Request) -> None:
        """Its answer has come, or there is none."""
        self.inprogress.discard(request)
        if self.closing is not None:
            self._end_if_empty()

    async def close(self) -> None:
        """Take nothing new, and wait for the requests on their way."""
        self.closing = asyncio.get_running_loop().create_future()
        self._end_if_empty()
        await self.closing

    def _end_if_empty(self) -> None:
        if self.inprogress or self.closing is None or self.closing.done():
            return
        self.nextcall.cancel()
        self.heartbeat.stop()
        self.closing.set_result(None)
