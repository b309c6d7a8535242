"""The coordinator of a crawl over several workers: what an engine is to a crawl in one process.

The one rule: the crawl is over when nothing waits, nothing is leased, and all that workers said has been taken.
"""

from __future__ import annotations

import asyncio
import logging
from math import isfinite
from time import time
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.engine_closing import close_parts
from shoal.crawl.exceptions import CloseSpider, DontCloseSpider
from shoal.crawl.failure import Failure
from shoal.crawl.frontier.leases import Entry
from shoal.crawl.frontier.leases_memory import MemoryLeases
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.spread import wire
from shoal.crawl.spread.delivery import Delivery
from shoal.crawl.spread.division import may_share
from shoal.crawl.spread.hearing import Hearing
from shoal.crawl.spread.kept import kept_crawl
from shoal.crawl.spread.leasing import Leasing
from shoal.crawl.spread.staff import Staff
from shoal.crawl.spread.stand_ins import NoDownloader, QueueView

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
_GLANCE = 0.05
logger = logging.getLogger("scrapy.core.engine")


class Coordinator(Hearing):
    """Made by the crawler in the place of the engine, with the engine's interface as far as there is one here."""

    def __init__(self, crawler: Crawler, spider_closed_callback: Callable[[Spider], Any]) -> None:
        super().__init__()
        self.crawler = crawler
        self.settings = crawler.settings
        self.signals = crawler.signals
        self.logformatter = crawler.logformatter
        self.spider: Spider | None = None
        self.running = self.paused = self._to_close = False
        self.start_time = 0.0
        self.downloader = NoDownloader()
        self._spider_closed_callback = spider_closed_callback
        self._slot: QueueView | None = None
        self._start = None
        self._closewait: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._close_reason: str | None = None
        shared = may_share(crawler.settings)
        assert crawler.spider is not None
        self.kept = kept_crawl(crawler.settings, crawler.spider.name)
        self.frontier = MemoryLeases() if self.kept is None else self.kept.frontier
        self.scraper = self._delivery = Delivery(crawler, self.kept)
        try:
            self._staff = Staff(crawler, self._heard, kept=self.kept is not None)
        except BaseException:
            self.frontier.close()
            raise
        at_once = -(-crawler.settings.getint("CONCURRENT_REQUESTS") // self._staff.wanted)
        delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._leasing = Leasing(self.frontier, shared=shared, at_once=at_once, ttl=self._staff.ttl, delay=delay)

    # Life

    async def open_spider_async(self, *, close_if_idle: bool = True) -> None:
        """Open what there is once; workers begin with `start_async`."""
        spider = self.spider = self.crawler.spider
        assert spider is not None
        logger.info("Spider opened", extra={"spider": spider})
        self._slot = QueueView(self, close_if_idle)
        self.crawler.stats.open_spider()
        answers = await self.signals.send_catch_log_async(signals.spider_opened, spider=spider, dont_log=CloseSpider)
        wishes = [answer.reason for _, answer in answers if isinstance(answer, CloseSpider)]
        self._close_reason = wishes[0] if wishes else None

    async def start_async(self) -> None:
        """Crawl until there is nothing more to do, or until somebody stops it. Raises RuntimeError the second time."""
        if self.running:
            raise RuntimeError("Engine already running")
        self.running, self.start_time = True, time()
        self._closewait = asyncio.get_running_loop().create_future()
        await self.signals.send_catch_log_async(signals.engine_started)
        if self._close_reason is not None:
            self._hold(self.close_spider_async(reason=self._close_reason))
        elif self.running:
            self._go_on_with_job(delay=self.settings.getfloat("DOWNLOAD_DELAY"))
            self._staff.begin(self.kept is not None and self.kept.start_is_over)
        watching = self._hold(self._watch()) if isfinite(self._staff.ttl) else None
        try:
            await self._closewait
        finally:
            if watching is not None:
                watching.cancel()
            await self._staff.close()
        if self._problem is not None and not self._staff.began:
            raise RuntimeError(f"no worker could begin: {self._problem}")

    def _go_on_with_job(self, delay: float) -> None:
        """Hosts that were being asked when the job was left are not asked at once."""
        for host, own in [] if self.kept is None else self.kept.frontier.interrupted:
            self.frontier.pause(host, self._now() + 1.5 * max(own, delay))

    async def stop_async(self) -> None:
        """End the crawl in good order. Raises RuntimeError when it does not run."""
        if not self.running:
            raise RuntimeError("Engine not running")
        self.running = False
        if self.spider is not None:
            await self.close_spider_async(reason="shutdown")
        await self.signals.send_catch_log_async(signals.engine_stopped)
        if self._closewait is not None and not self._closewait.done():
            self._closewait.set_result(None)

    async def close_async(self) -> None:
        """End whatever has been begun."""
        if self.running:
            await self.stop_async()
        elif self.spider is not None:
            await self.close_spider_async(reason="shutdown")

    async def close_spider_async(self, *, reason: str = "cancelled") -> None:
        """Let the workers end, then close the spider and what there is once. Raises RuntimeError without a spider."""
        if self.spider is None or self._slot is None:
            raise RuntimeError("Spider not opened")
        if self._slot.closing is not None:
            await asyncio.shield(self._slot.closing)
            return
        logger.info("Closing spider (%(reason)s)", {"reason": reason}, extra={"spider": self.spider})
        self._slot.closing = asyncio.get_running_loop().create_future()
        self._staff.stop(reason)
        await close_parts(self, reason)  # type: ignore[arg-type]

    async def workers_ended(self) -> None:
        """Wait until every worker has said its last word, and it has been taken; then end them."""
        await self._staff.ended()
        if self._reading is not None:
            await self._reading
        await self._staff.close()
        if self._timer is not None:
            self._timer.cancel()
        assert self._slot is not None and self._slot.closing is not None
        self._count_requests()
        self._slot.closing.set_result(None)

    def workers_give_up(self) -> None:
        """Wait for nothing more (the second Ctrl-C)."""
        self._staff.give_up()

    def pause(self) -> None:
        """Give no more requests to workers until `unpause`."""
        self.paused = True

    def unpause(self) -> None:
        """Go on."""
        self.paused = False
        self._lease()

    # Requests

    def crawl(self, request: Request) -> None:
        """Have a request carried out by a worker. Raises ValueError for one that cannot be written down."""
        if self.spider is None:
            raise RuntimeError(f"No open spider to crawl: {request}")
        known_by = None if request.dont_filter else self.crawler.request_fingerprinter.fingerprint(request)
        meta = request.meta
        key = meta.get("affinity") or meta.get("download_slot") or parsed_url(request).hostname or ""
        self.frontier.add([Entry(str(key), wire.RequestText(self.spider).write(request), known_by, request.priority)])
        self._lease()

    def needs_backout(self) -> bool:
        """Whether there is no room for another request now: there always is."""
        return not self.running or self.paused

    def spider_is_idle(self) -> bool:
        """Whether nothing waits and nothing is being carried out."""
        stats = self.frontier.stats()
        return not (stats.waiting or stats.leased or self._inbox or self._staff.is_busy())

    def _hold(self, coroutine: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _close(self, reason: str) -> None:
        if self._slot is not None and self._slot.closing is None and not self._to_close:
            self._to_close = True
            self._hold(self.close_spider_async(reason=reason))

    # What workers get

    def _lease(self) -> None:
        if self.paused or self._slot is None or self._slot.closing is not None:
            return
        now = self._now()
        waiting = self.frontier.stats().waiting
        if waiting and not self._staff.is_gathered(now):
            self._wake_at(now + _GLANCE, now)
        elif waiting:
            for number, leases in self._leasing.give(now):
                waiting -= sum(len(lease.entries) for lease in leases)
                self._staff.send(number, wire.Leases(leases, waiting))
            self._wake_at(self.frontier.next_turn(now) if waiting else None, now)

    def _wake_at(self, moment: float | None, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if moment is not None and moment < now + 3600:
            self._timer = asyncio.get_running_loop().call_later(moment - now, self._lease)

    def _end_if_idle(self) -> None:
        """Ask whether anybody has more to do; if not, close."""
        slot = self._slot
        if slot is None or slot.closing is not None or not slot.close_if_idle or self.paused:
            return
        if not self.running or not self._staff.complete or not self.spider_is_idle():
            return
        wishes = (DontCloseSpider, CloseSpider)
        answers = self.signals.send_catch_log(signals.spider_idle, spider=self.spider, dont_log=wishes)
        said = [answer.value for _, answer in answers if isinstance(answer, Failure)]
        if any(isinstance(wish, DontCloseSpider) for wish in said) or not self.spider_is_idle():
            return
        asked = next((wish.reason for wish in said if isinstance(wish, CloseSpider)), None)
        self._close(asked or self._staff.start_problem or "finished")

    def _count_requests(self) -> None:
        counts, stats = self.frontier.stats(), self.crawler.stats
        for name, number in (("enqueued", counts.added), ("dequeued", counts.done + counts.leased)):
            stats.set_value(f"scheduler/{name}", number)
            stats.set_value(f"scheduler/{name}/memory", number)
