"""The engine: from the scheduler to the downloader, from there to the spider, and back.

The one rule: a request leaves the scheduler only when the downloader and the spider have room for it, and one task
takes it all the way.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from time import time
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.awaiting import settle
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.engine_calls import OldCalls
from shoal.crawl.engine_closing import close_parts
from shoal.crawl.engine_requests import RequestFlow
from shoal.crawl.exceptions import CloseSpider, DontCloseSpider
from shoal.crawl.failure import Failure
from shoal.crawl.logformatter import LogFormatter
from shoal.crawl.scraper import Scraper
from shoal.crawl.slot import NextCall, Slot
from shoal.crawl.spider_argument import requires_spider
from shoal.crawl.start import StartReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.engine")


class ExecutionEngine(RequestFlow, OldCalls):
    """Runs one crawl. Made by the crawler; `spider_closed_callback(spider)` is called, and awaited, at its end."""

    _SLOT_HEARTBEAT_INTERVAL = 5.0

    def __init__(self, crawler: Crawler, spider_closed_callback: Callable[[Spider], Any]) -> None:
        self.crawler = crawler
        self.settings = crawler.settings
        self.signals = crawler.signals
        self.logformatter = crawler.logformatter
        self._spider_closed_callback = spider_closed_callback
        self.spider: Spider | None = None
        self.running = False
        self.paused = False
        self.start_time = 0.0
        self._slot: Slot | None = None
        self._start: AsyncIterator[Any] | None = None
        self._start_reader: StartReader | None = None
        self._closewait: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._beginning = 0
        self._arrived = 0
        # What the crawl ends with instead of "finished" when it has nothing more to do.
        self._close_reason: str | None = None
        self.scheduler_cls = _scheduler_class(self.settings["SCHEDULER"])
        self._room = self.settings.getint("CONCURRENT_REQUESTS") or sys.maxsize
        # A formatter of the project's own is asked even when nobody would see what it says: it may count.
        self._formats_otherwise = type(crawler.logformatter) is not LogFormatter
        self.downloader = load_object(self.settings["DOWNLOADER"])(crawler)
        self._downloader_fetch_needs_spider = requires_spider(self.downloader.fetch)
        try:
            self.scraper = Scraper(crawler)
        except BaseException:
            self.downloader.close()
            raise

    async def open_spider_async(self, *, close_if_idle: bool = True) -> None:
        """Open the crawler's spider and everything that serves it. Raises RuntimeError when one is open."""
        if self._slot is not None:
            raise RuntimeError(f"No free spider slot when opening {self.crawler.spider!r}")
        spider = self.spider = self.crawler.spider
        assert spider is not None
        logger.info("Spider opened", extra={"spider": spider})
        scheduler = build_from_crawler(self.scheduler_cls, self.crawler)
        self._slot = Slot(close_if_idle, NextCall(self._next), scheduler)
        try:
            self._start = await self.scraper.spidermw.process_start()
        except Exception:
            logger.error("Error while getting the start of the crawl", exc_info=True, extra={"spider": spider})
            self._close_reason = "start_error"
        if hasattr(scheduler, "open"):
            await settle(scheduler.open(spider))
        self._slot.job = job = getattr(scheduler, "job", None)
        if job is not None:
            self._take_up(job)
        await self._open_parts(spider)

    def _take_up(self, job: Any) -> None:
        """Go on with a job: a start that was read to its end is not read again; where it fails, the crawl ends."""
        if job.start.is_over:
            self._start = None
        job.failed = lambda _problem: self._hold(self.close_spider_async(reason="job_error"))

    async def _open_parts(self, spider: Spider) -> None:
        asked_to_close: list[str] = []
        try:
            await self.scraper.open_spider_async()
        except CloseSpider as wish:
            asked_to_close.append(wish.reason)
        self.crawler.stats.open_spider()
        answers = await self.signals.send_catch_log_async(signals.spider_opened, spider=spider, dont_log=CloseSpider)
        asked_to_close += [answer.reason for _, answer in answers if isinstance(answer, CloseSpider)]
        if asked_to_close:
            self._start, self._close_reason = None, asked_to_close[0]

    async def start_async(self) -> None:
        """Crawl until there is nothing more to do, or until somebody stops it. Raises RuntimeError the second time."""
        if self.running:
            raise RuntimeError("Engine already running")
        self.running = True
        self.start_time = time()
        self._closewait = asyncio.get_running_loop().create_future()
        await self.signals.send_catch_log_async(signals.engine_started)
        if self.running and self._slot is not None and self._slot.closing is None:
            self._slot.heartbeat.start(self._SLOT_HEARTBEAT_INTERVAL)
            self._start_reader = StartReader(self)
            self._hold(self._start_reader.run())
            self._slot.nextcall.schedule()
        await self._closewait

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
        """End whatever has been begun: the crawl, or the spider that is open, or only the downloader."""
        if self.running:
            await self.stop_async()
        elif self.spider is not None:
            await self.close_spider_async(reason="shutdown")
        else:
            self.downloader.close()

    async def close_spider_async(self, *, reason: str = "cancelled") -> None:
        """Wait for what is on its way, then close the spider and everything that serves it.

        Raises RuntimeError when no spider is open.
        """
        if self.spider is None:
            raise RuntimeError("Spider not opened")
        if self._slot is None:
            raise RuntimeError("Engine slot not assigned")
        if self._slot.closing is not None:
            await asyncio.shield(self._slot.closing)
            return
        logger.info("Closing spider (%(reason)s)", {"reason": reason}, extra={"spider": self.spider})
        if self._start_reader is not None:
            await self._start_reader.stop()
        await close_parts(self, reason)

    def pause(self) -> None:
        """Send no more requests until `unpause`."""
        self.paused = True

    def unpause(self) -> None:
        """Go on."""
        self.paused = False
        if self._slot is not None:
            self._slot.nextcall.schedule()

    def _next(self) -> None:
        """Send what there is room for; see whether the crawl is over."""
        self._send_scheduled()
        if self._start_reader is not None:
            self._start_reader.wake()
        if self._slot is not None and self._slot.close_if_idle and not self.paused and self.spider_is_idle():
            self._spider_idle()

    def spider_is_idle(self) -> bool:
        """Whether nothing is on its way and nothing is waiting. Raises RuntimeError when no spider is open."""
        if self._slot is None:
            raise RuntimeError("Engine slot not assigned")
        return (
            self._start is None
            and not self._slot.inprogress
            and not self.downloader.active
            and self.scraper.is_idle()
            and not self._slot.scheduler.has_pending_requests()
        )

    def _spider_idle(self) -> None:
        """Ask whether anybody has more to do; if not, close."""
        assert self._slot is not None
        if self._slot.closing is not None or not self.running:
            return
        wishes = (DontCloseSpider, CloseSpider)
        answers = self.signals.send_catch_log(signals.spider_idle, spider=self.spider, dont_log=wishes)
        said = [answer.value for _, answer in answers if isinstance(answer, Failure)]
        if any(isinstance(wish, DontCloseSpider) for wish in said) or not self.spider_is_idle():
            return
        asked = next((wish.reason for wish in said if isinstance(wish, CloseSpider)), None)
        self._hold(self.close_spider_async(reason=asked or self._close_reason or "finished"))


def _scheduler_class(path: Any) -> type:
    """The class that the setting names. Raises TypeError for one that is no scheduler."""
    from shoal.crawl.scheduler_base import BaseScheduler

    found: type = load_object(path)
    if not issubclass(found, BaseScheduler):
        raise TypeError(f"The provided scheduler class ({path}) does not fully implement the scheduler interface")
    return found
