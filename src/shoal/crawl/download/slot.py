"""A slot: the requests that share one share of the line, usually those of one host.

The one rule: a slot knows who is in it and how fast it may go; who goes next is the downloader's part.
"""

from __future__ import annotations

import random
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shoal.crawl.policy.slots import varied_delay

if TYPE_CHECKING:
    import asyncio

    from shoal.crawl.request import Request


class Slot:
    """`concurrency` requests at once (0: any number), `delay` seconds from one start to the next.

    `jitter` from 0 to 1 varies the delay; `throttle` says whether AutoThrottle may change it (None: it may).
    `least` is the delay below which nothing may put it: what the site asked for.
    `active` are the requests that are in the slot, `transferring` those on their way, `queue` those that wait;
    `lastseen` is the time of the last start.
    """

    __slots__ = (
        "active",
        "concurrency",
        "delay",
        "jitter",
        "lastseen",
        "latercall",
        "least",
        "queue",
        "throttle",
        "transferring",
    )

    def __init__(self, concurrency: int, delay: float, jitter: float = 0.5, *, throttle: bool | None = None) -> None:
        self.concurrency = concurrency
        self.delay = delay
        self.jitter = jitter
        self.throttle = throttle
        self.least = 0.0
        self.active: set[Request] = set()
        self.queue: deque[tuple[Request, asyncio.Future[None]]] = deque()
        self.transferring: set[Request] = set()
        self.lastseen: float = 0
        self.latercall: asyncio.TimerHandle | None = None

    @property
    def randomize_delay(self) -> bool:
        """Whether the delay varies."""
        return bool(self.jitter)

    def free_transfer_slots(self) -> float:
        """How many more requests may be on their way."""
        return self.concurrency - len(self.transferring) if self.concurrency else float("inf")

    def download_delay(self) -> float:
        """The delay before the next request, varied; seconds."""
        return varied_delay(self.delay, self.jitter, random.random()) if self.delay else 0

    def close(self) -> None:
        """Wake nobody any more."""
        if self.latercall is not None:
            self.latercall.cancel()
            self.latercall = None

    def _told(self) -> dict[str, Any]:
        return {
            "concurrency": self.concurrency,
            "delay": f"{self.delay:.2f}",
            "jitter": self.jitter,
            "len(active)": len(self.active),
            "len(queue)": len(self.queue),
            "len(transferring)": len(self.transferring),
            "lastseen": datetime.fromtimestamp(self.lastseen).astimezone().isoformat(),
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}(concurrency={self.concurrency!r}, delay={self.delay:.2f}, jitter={self.jitter})"

    def __str__(self) -> str:
        return "<downloader.Slot " + " ".join(f"{name}={value}" for name, value in self._told().items()) + ">"
