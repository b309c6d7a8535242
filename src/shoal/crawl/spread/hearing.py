"""What workers say, taken by the coordinator.

The one rule: it is taken in the order in which it was said, by one task: items are delivered, then new requests kept,
then leases ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from shoal.crawl.spread import wire
from shoal.workers import Lost

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.frontier.leases import LeaseFrontier
    from shoal.crawl.spider import Spider
    from shoal.crawl.spread.delivery import Delivery
    from shoal.crawl.spread.kept import KeptCrawl
    from shoal.crawl.spread.leasing import Leasing
    from shoal.crawl.spread.staff import Staff

logger = logging.getLogger("scrapy.core.engine")

_MOST_UNREAD = 64


class Hearing:
    """Base of the coordinator, which makes what is named here."""

    crawler: Crawler
    spider: Spider | None
    frontier: LeaseFrontier
    kept: KeptCrawl | None
    _delivery: Delivery
    _leasing: Leasing
    _staff: Staff
    _hold: Callable[[Any], asyncio.Task[Any]]
    _lease: Callable[[], None]
    _close: Callable[[str], None]
    _end_if_idle: Callable[[], None]

    def __init__(self) -> None:
        self._inbox: deque[tuple[int, Any]] = deque()
        self._reading: asyncio.Task[None] | None = None
        # Why a worker could not do its part.
        self._problem: str | None = None
        # By the wall clock, for a job is read by later processes; but nobody sets it while we run.
        self._offset = time() - monotonic()

    def _now(self) -> float:
        return self._offset + monotonic()

    def _heard(self, number: int, message: Any) -> None:
        self._inbox.append((number, message))
        if len(self._inbox) > _MOST_UNREAD:
            self._staff.hold()
        if self._reading is None:
            self._reading = self._hold(self._read())

    async def _read(self) -> None:
        """Take what has been said, in its order; then see what is to be done."""
        try:
            while self._inbox:
                number, message = self._inbox.popleft()
                await _TAKERS[type(message)](self, number, message)
                self._lease()
                if not self._inbox:
                    self._staff.resume()
        except Exception:
            logger.critical("The coordinator has failed", exc_info=True)
            self._close("coordinator_error")
        finally:
            self._reading = None
        self._end_if_idle()

    async def _watch(self) -> None:
        """Give up who has been silent for too long; nobody is silent while it is we who do not listen."""
        step = self._staff.ttl / 8
        looked, patient_until = self._now(), 0.0
        while True:
            await asyncio.sleep(step)
            now = self._now()
            if self._inbox or now - looked > 2 * step:
                patient_until = now + 4 * step
            looked = now
            for number in self._leasing.silent(now) if now > patient_until else ():
                self._staff.lose(number)

    async def _take_news(self, number: int, news: wire.News) -> None:
        await self._delivery.take(number, news)
        now = self._now()
        if self.kept is not None:
            doubles = self.kept.take(news, self._leasing, number, now)
        else:
            doubles = len(news.entries) - self.frontier.add(news.entries) if news.entries else 0
            if news.acks:
                self._leasing.ack(number, news.acks, now)
        if news.entries:
            self._staff.tell_known(number, news.entries)
        if doubles:
            self.crawler.stats.inc_value("dupefilter/filtered", doubles)
        if self._leasing.renew(number, now):
            self._staff.renewed(number, news.sent)
        self._staff.heard_of(number, news)

    async def _take_opened(self, number: int, opened: wire.Opened) -> None:
        self._leasing.join(number, self._now())
        self._staff.opened(number, self._now())
        self._staff.renewed(number, opened.sent)

    async def _take_pause(self, number: int, pause: wire.Pause) -> None:
        self.frontier.pause(pause.slot, self._now() + pause.seconds)
        self._staff.tell_others(number, pause)

    async def _take_close(self, _: int, wish: wire.Close) -> None:
        self._close(wish.reason)

    async def _take_failed(self, number: int, failed: wire.Failed) -> None:
        logger.error("Worker %s has failed: %s", number, failed.problem, extra={"spider": self.spider})
        self._problem = failed.problem
        self._close("workers_failed")

    async def _take_ended(self, number: int, _: wire.Ended) -> None:
        self._leasing.leave(number, self._now())
        self._staff.left(number)

    async def _take_loss(self, number: int, lost: Lost) -> None:
        if self.kept is not None:
            self.kept.forget(self._leasing.tokens(number))
        again = self._leasing.leave(number, self._now())
        self._delivery.forget(number)
        self.crawler.stats.inc_value("workers/lost")
        said = "Worker %s: %s; %s requests that it had wait again"
        logger.error(said, number, lost.why, again, extra={"spider": self.spider})
        if not self._staff.replace(number, self.frontier.stats().done):
            logger.error("Workers die without getting anything done", extra={"spider": self.spider})
            self._close("workers_lost")


_TAKERS: dict[type, Callable[[Hearing, int, Any], Any]] = {
    wire.News: Hearing._take_news,
    wire.Opened: Hearing._take_opened,
    wire.Pause: Hearing._take_pause,
    wire.Close: Hearing._take_close,
    wire.Failed: Hearing._take_failed,
    wire.Ended: Hearing._take_ended,
    Lost: Hearing._take_loss,
}
