"""What the spider makes of an answer: callbacks are called, and their requests and items go where they belong.

The one rule: a response is the scraper's until all that came out of it is done, so slow pipelines slow the downloads.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from time import perf_counter
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.awaiting import as_awaitable
from shoal.crawl.callback_check import warn_on_generator_with_return_value
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.exceptions import CloseSpider, IgnoreRequest, ScrapyDeprecationWarning
from shoal.crawl.failure import Failure, exc_info
from shoal.crawl.follow import FollowAll
from shoal.crawl.item_flow import ItemFlow, ItemsOfOne
from shoal.crawl.links import LinkFilter
from shoal.crawl.log import logformatter_adapter
from shoal.crawl.outputs import as_iterable
from shoal.crawl.request import Request
from shoal.crawl.response_base import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable, Iterable

    from shoal.crawl.crawler import Crawler

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.scraper")
# Seconds for which one callback's results are taken before others get their turn.
_TURN = 0.02


class ScraperSlot:
    """What is being scraped: answers by number and bytes, items by number."""

    MIN_RESPONSE_SIZE = 1024

    def __init__(self, max_active_size: int = 5_000_000) -> None:
        self.max_active_size = max_active_size
        self.active: set[Request] = set()
        self.active_size = 0
        self.itemproc_size = 0
        self.closing: asyncio.Future[None] | None = None

    def add(self, result: Any, request: Request) -> int:
        """Take an answer; returns its size, for `remove`."""
        size = self.MIN_RESPONSE_SIZE
        if isinstance(result, Response):
            size = max(len(result.body), size)
        self.active.add(request)
        self.active_size += size
        return size

    def remove(self, request: Request, size: int) -> None:
        """All that came out of it is done."""
        self.active.discard(request)
        self.active_size -= size
        if self.closing is not None and not self.active and not self.closing.done():
            self.closing.set_result(None)

    def is_idle(self) -> bool:
        """Whether nothing is being scraped."""
        return not self.active and not self.itemproc_size


class Scraper:
    """Calls the spider, for one crawl. `open_spider_async` comes first."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.signals = crawler.signals
        self.slot: ScraperSlot | None = None
        self.spidermw = build_from_crawler(
            load_object("shoal.crawl.middleware.spider.SpiderMiddlewareManager"), crawler
        )
        self.itemproc = build_from_crawler(load_object(settings["ITEM_PROCESSOR"]), crawler)
        self.concurrent_items = settings.getint("CONCURRENT_ITEMS")
        self.logformatter = crawler.logformatter
        self._items = ItemFlow(self)
        self._links = LinkFilter(crawler)

    async def open_spider_async(self) -> None:
        """Open the pipelines. Raises RuntimeError when there is no spider."""
        self.slot = ScraperSlot(self.crawler.settings.getint("SCRAPER_SLOT_MAX_ACTIVE_SIZE"))
        if self.crawler.spider is None:
            raise RuntimeError("Scraper.open_spider() called before Crawler.spider is set.")
        self._checked: set[Any] = set()
        await self._items.open()

    async def close_spider_async(self) -> None:
        """Wait until everything is done, then close the pipelines."""
        slot = self._opened()
        if slot.active:
            slot.closing = asyncio.get_running_loop().create_future()
            await slot.closing
        await self._items.close()

    def _opened(self) -> ScraperSlot:
        if self.slot is None:
            raise RuntimeError("Scraper slot not assigned")
        return self.slot

    def is_idle(self) -> bool:
        """Whether nothing is being scraped."""
        return self.slot is None or self.slot.is_idle()

    def needs_backout(self, arrived: int = 0) -> bool:
        """Whether so much waits for the spider or its pipelines that no more should be downloaded.

        `arrived` bytes are in memory, and are about to be given to the spider.
        """
        slot = self.slot
        return slot is not None and (
            slot.active_size + arrived > slot.max_active_size or slot.itemproc_size >= self.concurrent_items
        )

    async def enqueue_scrape(self, result: Response | Failure, request: Request) -> None:
        """Give an answer to the spider and see to all that comes out of it; a failure of this class is logged."""
        slot = self._opened()
        size = slot.add(result, request)
        try:
            await self._scrape(result, request)
        except Exception:
            logger.error("Scraper bug processing %(request)s", {"request": request}, exc_info=True, extra=self._about())
        finally:
            slot.remove(request, size)

    async def _scrape(self, result: Response | Failure, request: Request) -> None:
        try:
            if isinstance(result, Response):
                output = await self.spidermw.scrape_response_async(self.call_spider_async, result, request)
            elif isinstance(result, Failure):
                output = await self._call_errback(result, request)
            else:
                raise TypeError(f"Incorrect type: expected Response or Failure, got {type(result)}: {result!r}")
        except TypeError as problem:
            if not isinstance(result, (Response, Failure)):
                raise
            self.handle_spider_error(Failure(problem), request, result)
        except Exception as problem:
            self.handle_spider_error(Failure(problem), request, result)
        else:
            if output is not None:
                await self.handle_spider_output_async(output, request, result)

    async def call_spider_async(self, result: Response | Failure, request: Request) -> Any:
        """What the callback gives for a response, or the errback for a failure: an iterable, sync or async.

        Raises what the callback raises, and the failure's exception where there is no errback.
        """
        if isinstance(result, Response):
            if result.request is None:
                result.request = request
            assert result.request is not None
            callback: Any = result.request.callback or self.crawler.spider._parse  # type: ignore[union-attr]
            arguments = result.request._cb_kwargs
        else:
            result.request = request
            callback, arguments = request.errback, None
            if callback is None:
                result.raiseException()
        self._check(callback)
        output = callback(result, **arguments) if arguments else callback(result)
        waiting = as_awaitable(output)
        if waiting is not None:
            if hasattr(output, "asFuture"):
                _warn_about_deferred("errbacks" if isinstance(result, Failure) else "callbacks")
            output = await waiting
        if isinstance(output, Failure):
            # An errback that gives the failure back has not dealt with it.
            output.raiseException()
        if type(output) is GeneratorType:
            return self._links.things_of(output, self.spidermw.links_pass)
        return output if hasattr(output, "__aiter__") else as_iterable(output)

    def _check(self, callback: Any) -> None:
        """Warn about a callback that loses its return value, the first time it is called."""
        function = getattr(callback, "__func__", callback)
        try:
            if function in self._checked:
                return
            self._checked.add(function)
        except (AttributeError, TypeError):
            pass
        warn_on_generator_with_return_value(self.crawler.spider, callback)

    async def _call_errback(self, failure: Failure, request: Request) -> Any:
        try:
            return await self.call_spider_async(failure, request)
        except Exception as problem:
            self._log_download_error(failure, request)
            if problem is not failure.value:
                raise
        return None

    def _log_download_error(self, failure: Failure, request: Request) -> None:
        if failure.check(IgnoreRequest):
            return
        entry = self.logformatter.download_error(failure, request, self.crawler.spider, failure.getErrorMessage())  # type: ignore[arg-type]
        if entry is not None:
            logger.log(*logformatter_adapter(entry), extra=self._about(), exc_info=exc_info(failure))

    def handle_spider_error(self, failure: Failure, request: Request, response: Response | Failure) -> None:
        """A callback has raised: log and count it, or close the spider when that is what it wanted."""
        if isinstance(failure.value, CloseSpider):
            engine = self.crawler.engine
            engine._hold(engine.close_spider_async(reason=failure.value.reason or "cancelled"))
            return
        entry = self.logformatter.spider_error(failure, request, response, self.crawler.spider)  # type: ignore[arg-type]
        logger.log(*logformatter_adapter(entry), exc_info=exc_info(failure), extra=self._about())
        self.signals.send_catch_log(
            signals.spider_error, failure=failure, response=response, spider=self.crawler.spider
        )
        self.count_exception(failure.value)

    def count_exception(self, problem: BaseException) -> None:
        """An exception of the spider's, for the statistics."""
        self.crawler.stats.inc_value("spider_exceptions/count")
        self.crawler.stats.inc_value(f"spider_exceptions/{type(problem).__name__}")

    async def handle_spider_output_async(
        self, result: Iterable[Any] | AsyncIterable[Any], request: Request, response: Response | Failure
    ) -> None:
        """Schedule the requests in `result`, send the items through the pipelines, and wait for those."""
        flow = self._items.of(None if isinstance(response, Failure) else response)
        try:
            # What need not be waited for comes first.
            plain = getattr(result, "plain", None) if hasattr(result, "__aiter__") else as_iterable(result)
            if plain is not None:
                await self._take_all(plain, flow)
            if hasattr(result, "__aiter__") and getattr(result, "waits", True):
                async for thing in result:
                    if isinstance(thing, Request):
                        self._links.schedule(thing)
                    elif (waiting := self._take(thing, flow)) is not None:
                        await waiting
        except Exception as problem:
            self.handle_spider_error(Failure(problem), request, response)
        finally:
            await flow.finish()

    async def _take_all(self, result: Iterable[Any], flow: ItemsOfOne) -> None:
        schedule = self._links.schedule
        turn_ends = perf_counter() + _TURN
        for count, thing in enumerate(result):
            if isinstance(thing, Request):
                schedule(thing)
            elif (waiting := self._take(thing, flow)) is not None:
                await waiting
            if count & 63 == 63 and perf_counter() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = perf_counter() + _TURN

    def _take(self, thing: Any, flow: ItemsOfOne) -> Awaitable[None] | None:
        """Take what is no request; what to wait for before the next thing, if anything."""
        if type(thing) is FollowAll:
            self._links.schedule_new(thing, self.spidermw.process_link)
            return None
        return None if thing is None else flow.take(thing)

    async def start_itemproc_async(self, item: Any, *, response: Response | Failure | None) -> None:
        """Send one item through the pipelines and say what became of it."""
        rest = self._items.of(response).process(item)
        if rest is not None:
            await rest

    def hand_items_to(self, outlet: Callable[[Any], Awaitable[object]]) -> None:
        """From now on, wait for `outlet(item)` behind the last pipeline: whoever takes items may be slow."""
        self._items.outlet = outlet

    def _about(self) -> dict[str, Any]:
        return {"spider": self.crawler.spider}


def _warn_about_deferred(who: str) -> None:
    warnings.warn(
        f"Returning Deferreds from spider {who} is deprecated, return a coroutine instead.",
        ScrapyDeprecationWarning,
        stacklevel=3,
    )
