"""A request's way through the engine: scheduled, sent when there is room, fetched, its answer given to the scraper.

The one rule: one task takes a request from the scheduler to the end of its callback.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.awaiting import as_awaitable
from shoal.crawl.exceptions import IgnoreRequest
from shoal.crawl.failure import Failure
from shoal.crawl.log import is_heard, logformatter_adapter
from shoal.crawl.request import Request
from shoal.crawl.response_base import Response

if TYPE_CHECKING:
    from collections.abc import Generator

    from shoal.crawl.logformatter import LogFormatter
    from shoal.crawl.scraper import Scraper
    from shoal.crawl.signals import SignalManager
    from shoal.crawl.slot import Slot
    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.engine")


class _Turn:
    """Awaited, lets everything run that could run now: `asyncio.sleep(0)` without two calls."""

    __slots__ = ()

    def __await__(self) -> Generator[None]:
        yield


_OTHERS_FIRST = _Turn()


class RequestFlow:
    """Base of the engine, which makes what is named here."""

    spider: Spider | None
    signals: SignalManager
    logformatter: LogFormatter
    downloader: Any
    scraper: Scraper
    running: bool
    paused: bool
    _slot: Slot | None
    _downloader_fetch_needs_spider: bool
    _formats_otherwise: bool
    _tasks: set[asyncio.Task[Any]]
    # Requests that have left the scheduler and are not yet known to the downloader.
    _beginning: int
    # Bytes of responses on their way from the downloader to the scraper.
    _arrived: int
    # How many requests may be on their way.
    _room: int

    def crawl(self, request: Request) -> None:
        """Schedule a request; its answer goes to its callback. Raises RuntimeError when no spider is open."""
        slot = self._slot
        if self.spider is None or slot is None:
            raise RuntimeError(f"No open spider to crawl: {request}")
        if self._schedule_request(request):
            slot.nextcall.schedule()

    def _schedule_request(self, request: Request) -> bool:
        """Whether the scheduler has taken it: a listener may object, and duplicates are left out."""
        return self._welcome(request) and self._enqueue(request)

    def _welcome(self, request: Request) -> bool:
        """Whether no listener objects."""
        if not self.signals.has_receivers(signals.request_scheduled):
            return True
        answers = self.signals.send_catch_log(
            signals.request_scheduled, request=request, spider=self.spider, dont_log=IgnoreRequest
        )
        refused = any(isinstance(answer, Failure) and answer.check(IgnoreRequest) for _, answer in answers)
        # A failure holds this frame, which would hold it in turn, and the page with them, until garbage is collected.
        answers.clear()
        return not refused

    def _enqueue(self, request: Request) -> bool:
        assert self._slot is not None
        if self._slot.scheduler.enqueue_request(request):
            return True
        if self.signals.has_receivers(signals.request_dropped):
            self.signals.send_catch_log(signals.request_dropped, request=request, spider=self.spider)
        return False

    def needs_backout(self) -> bool:
        """Whether there is no room for another request now."""
        return (
            not self.running
            or self.paused
            or self._slot is None
            or self._slot.closing is not None
            or self._beginning + len(self.downloader.active) >= self._room
            or self.downloader.needs_backout()
            or self.scraper.needs_backout(self._arrived)
        )

    def _send_scheduled(self) -> None:
        while not self.needs_backout():
            assert self._slot is not None
            request = self._slot.scheduler.next_request()
            if request is None:
                if not getattr(self._slot.scheduler, "waits_for_slots", False):
                    self.signals.send_catch_log(signals.scheduler_empty)
                return
            self._slot.add_request(request)
            self._beginning += 1
            self._tasks.add(asyncio.get_running_loop().create_task(self._process(request)))

    def _hold(self, coroutine: Any) -> asyncio.Task[Any]:
        """A task that is kept until it has ended."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _process(self, request: Request) -> None:
        """One request all the way: fetched, and its answer given to the spider.

        It is one of the engine's tasks, and takes itself out at its end, which costs less than to have that done.
        """
        self._beginning -= 1
        slot, task = self._slot, asyncio.current_task()
        assert slot is not None
        assert task is not None
        if slot.job is not None:
            slot.job.begin(request)
        try:
            result: Any = await self._fetch(request)
        except Exception as problem:
            result = Failure(problem)
        except asyncio.CancelledError:
            slot.remove_request(request)  # given up: the closing of the crawl does not wait for it
            raise
        await self._go_on(len(result.body) if isinstance(result, Response) else 0)
        try:
            if isinstance(result, Request):
                self.crawl(result)
            else:
                await self.scraper.enqueue_scrape(result, request)
        except Exception:
            logger.error("Error while enqueuing scrape", exc_info=True, extra={"spider": self.spider})
        finally:
            self._tasks.discard(task)
            slot.remove_request(request)
            if slot.closing is None:
                slot.nextcall.schedule()
        # Behind all that can be given up half-way.
        if slot.job is not None:
            slot.job.done()

    async def _go_on(self, arrived: int) -> None:
        """Let the next request begin before this page is parsed, and a start() that waits for room get its turn.

        The page's bytes count already: pages that come together would otherwise each send for another one.
        """
        self._arrived += arrived
        try:
            self._send_scheduled()
            await _OTHERS_FIRST
        finally:
            self._arrived -= arrived

    async def _fetch(self, request: Request) -> Request | Response:
        """What the downloader gives for the request. A response is made known to those who listen."""
        fetched = (
            self.downloader.fetch(request, self.spider)
            if self._downloader_fetch_needs_spider
            else self.downloader.fetch(request)
        )
        waiting = as_awaitable(fetched)
        result: Any = fetched if waiting is None else await waiting
        if isinstance(result, Response):
            self._received(request, result)
        elif not isinstance(result, Request):
            raise TypeError(f"Incorrect type: expected Response or Request, got {type(result)}: {result!r}")
        answer: Request | Response = result
        return answer

    def _received(self, request: Request, response: Response) -> None:
        if response.request is None:
            response.request = request
        spider = self.spider
        if is_heard(logger, logging.DEBUG) or self._formats_otherwise:
            entry = self.logformatter.crawled(response.request, response, spider)  # type: ignore[arg-type]
            if entry is not None:
                logger.log(*logformatter_adapter(entry), extra={"spider": spider})
        if self.signals.has_receivers(signals.response_received):
            self.signals.send_catch_log(
                signals.response_received, response=response, request=response.request, spider=spider
            )

    async def download_async(self, request: Request) -> Response:
        """Fetch a request now, outside the scheduler, through all middlewares. Raises what the download raises."""
        if self.spider is None:
            raise RuntimeError(f"No open spider to crawl: {request}")
        slot = self._slot
        assert slot is not None
        while True:
            slot.add_request(request)
            try:
                result = await self._fetch(request)
            finally:
                slot.remove_request(request)
            if isinstance(result, Response):
                return result
            request = result
