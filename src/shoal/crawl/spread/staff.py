"""The workers of a crawl: begun, told, replaced when they die, let go.

The one rule: as many workers as were asked for, until they are told to end; only workers that die again and again
without anything getting done are not replaced.
"""

from __future__ import annotations

import asyncio
from math import isfinite
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import UsageError
from shoal.crawl.spread import wire
from shoal.crawl.spread.division import may_share
from shoal.crawl.spread.gathering import gathered
from shoal.crawl.spread.logs import loudness

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.frontier.leases import Entry

_DEATHS = 3
_PATIENCE = 3.0
_GATHERING = 1.0


class Staff:
    """`heard(number, message)` gets what workers say. `ttl` is how long their leases last without a sign of life."""

    def __init__(self, crawler: Crawler, heard: Callable[[int, Any], object], *, kept: bool = False) -> None:
        self._crawler = crawler
        self._kept = kept
        self._crew, self.wanted, self.ttl, self._end_crew = gathered(crawler.settings, heard)
        self._sharers = self.wanted if may_share(crawler.settings) else 1
        self._next = 0
        self._here: set[int] = set()
        self._open: set[int] = set()
        self._busy: dict[int, int] = {}
        # The worker that reads start(); None when it has been read.
        self._starter: int | None = None
        self._reason: str | None = None
        self._deaths = self._done_at_death = 0
        self._end: asyncio.Future[None] | None = None
        self.start_problem: str | None = None
        # When the first was ready.
        self._first_at = float("inf")
        # Whether any worker was ever ready.
        self.began = False

    def begin(self, start_is_over: bool = False) -> None:
        """Begin all workers; the first reads `start()`, unless that is over."""
        self._starter = None if start_is_over else 0
        for _ in range(self.wanted):
            self._begin_one()

    def _begin_one(self) -> None:
        number = self._next
        self._next += 1
        settings, args, kwargs = self._crawler.asked
        job = wire.Job(
            number=number,
            spider=wire.SpiderClass(self._crawler.spidercls),
            settings=settings,
            arguments=(args, kwargs),
            starts=number == self._starter,
            workers=self.wanted,
            sharers=self._sharers,
            loudness=loudness(),
            ttl=self.ttl,
            kept=self._kept,
        )
        try:
            self._crew.start(number, job)
        except (AttributeError, TypeError, PicklingError) as problem:
            raise UsageError(
                f"the crawl cannot be sent to another process ({problem}): the spider, and what its settings and "
                "arguments hold, must be found by name in a module, or be plain data"
            ) from None
        self._here.add(number)

    def replace(self, number: int, done: int) -> bool:
        """A worker has died: begin another, unless they are to end. False when that has become pointless."""
        self._leave(number)
        if self._reason is not None:
            return True
        self._deaths = 1 if done > self._done_at_death else self._deaths + 1
        self._done_at_death = done
        if self._deaths >= _DEATHS + self.wanted:
            return False
        if number == self._starter:
            self._starter = self._next
        self._begin_one()
        return True

    def opened(self, number: int, now: float) -> None:
        """A worker is ready. One that is ready after the end was asked for is told so."""
        self._open.add(number)
        self._first_at = min(self._first_at, now)
        self.began = True
        if self._reason is not None:
            self._crew.send(number, wire.Stop(self._reason))

    def renewed(self, number: int, sent: float) -> None:
        """A sign of life has been heard: whoever may be silenced is told so."""
        if isfinite(self.ttl):
            self._crew.send(number, wire.Renewed(sent))

    def lose(self, number: int) -> None:
        """A worker has been silent for too long: it is a `Lost`, soon."""
        self._open.discard(number)
        self._crew.kill(number)

    def heard_of(self, number: int, news: wire.News) -> None:
        """How a worker is, by its news."""
        self._busy[number] = news.busy
        if number == self._starter and number in self._open and news.start is not True:
            self._starter = None
            self.start_problem = news.start or None

    def is_busy(self) -> bool:
        """Whether the start is still being read, or a worker has requests that only it knows."""
        return self._starter is not None or any(self._busy.values())

    def is_gathered(self, now: float) -> bool:
        """Whether all are ready, or have been waited for: hosts stay with whoever has them first."""
        return len(self._open) >= self.wanted or now > self._first_at + _GATHERING

    @property
    def complete(self) -> bool:
        """Whether a worker is ready."""
        return bool(self._open)

    def send(self, number: int, message: Any) -> None:
        """Tell one."""
        self._crew.send(number, message)

    def tell_others(self, number: int, message: Any) -> None:
        """Tell all but one."""
        for other in self._open - {number}:
            self._crew.send(other, message)

    def tell_known(self, number: int, entries: list[Entry]) -> None:
        """Where hosts are shared, all come upon the same links: tell the others what one has asked for."""
        if self._sharers > 1:
            texts = [text for _, text, known_by, _ in entries if known_by is not None and text[0] == "["]
            if texts:
                self.tell_others(number, wire.Known(texts))

    def hold(self) -> None:
        """Hear nobody until `resume`."""
        self._crew.hold()

    def resume(self) -> None:
        """Hear them again."""
        self._crew.resume()

    def stop(self, reason: str) -> None:
        """Let all end in good order."""
        self._reason = reason
        for number in self._crew.withdraw():
            self._leave(number)
        for number in self._here:
            self._crew.send(number, wire.Stop(reason))

    def give_up(self) -> None:
        """Let all end now; who does not is ended."""
        for number in self._here:
            self._crew.send(number, wire.GiveUp())
        asyncio.get_running_loop().call_later(_PATIENCE, self._end_all)

    def _end_all(self) -> None:
        for number in list(self._here):
            self._crew.kill(number)

    def left(self, number: int) -> None:
        """A worker has said its last word."""
        self._crew.dismiss(number)
        self._leave(number)

    def _leave(self, number: int) -> None:
        self._here.discard(number)
        self._open.discard(number)
        self._busy.pop(number, None)
        if not self._here and self._end is not None and not self._end.done():
            self._end.set_result(None)

    async def ended(self) -> None:
        """Wait until all have left."""
        if self._here:
            self._end = asyncio.get_running_loop().create_future()
            await self._end

    async def close(self) -> None:
        """Leave nothing behind."""
        await self._crew.close()
        self._end_crew()
