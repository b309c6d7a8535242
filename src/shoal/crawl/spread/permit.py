"""Whether a worker on another machine may still ask hosts.

The one rule: a worker whose last word that was answered is older than `SHARE` of a lease's time asks nobody anything,
because soon after that its hosts may be somebody else's. It decides that by its own clock, at the moment of each
request: whoever was stopped, or cut off, cannot be told.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from shoal.crawl.middleware.downloader.pauses import pause

if TYPE_CHECKING:
    from shoal.crawl.request import Request

SHARE = 0.8
# A delay varies, by half of it at most.
_SPREAD = 1.5
# This clock goes on while the machine sleeps.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock() -> float:
    """Seconds by a clock of this machine that nobody sets."""
    return time.clock_gettime(_CLOCK)


class Permit:
    """Stands before the download handlers of `downloader`. `ttl` is how long leases last without a sign of life."""

    def __init__(self, downloader: Any, ttl: float) -> None:
        self._downloader = downloader
        self._ttl = ttl
        self._until = clock() + SHARE * ttl
        self._renewed = asyncio.Event()
        # Slot -> when the next of those who had to wait may go.
        self._turns: dict[str, float] = {}
        handlers = downloader.handlers
        self._ask = handlers.download_request_async
        handlers.download_request_async = self._guarded

    def renew(self, sent: float) -> None:
        """What this worker said at the moment `sent` has been answered."""
        self._until = max(self._until, sent + SHARE * self._ttl)
        self._renewed.set()

    async def _guarded(self, request: Request) -> Any:
        while clock() > self._until:
            self._renewed.clear()
            await self._renewed.wait()
            await self._take_turn(request)
        return await self._ask(request)

    async def _take_turn(self, request: Request) -> None:
        """Those who had to wait do not go all at once."""
        key = self._downloader.get_slot_key(request)
        slot = self._downloader.slots.get(key)
        if slot is None or not slot.delay:
            return
        now = asyncio.get_running_loop().time()
        turn = max(now, self._turns.get(key, now))
        self._turns[key] = turn + _SPREAD * slot.delay
        pause(self._downloader, slot, turn + _SPREAD * slot.delay - now)
        await asyncio.sleep(turn - now)
