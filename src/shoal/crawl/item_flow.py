"""Items on their way through the pipelines.

The one rule: of one response at most CONCURRENT_ITEMS are on their way at the same time; where there is nothing to
wait for, an item is a few calls and no task.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import DropItem
from shoal.crawl.failure import Failure
from shoal.crawl.log import is_heard, logformatter_adapter
from shoal.crawl.logformatter import LogFormatter
from shoal.crawl.pipelines.foreign import manager_call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shoal.crawl.response_base import Response
    from shoal.crawl.scraper import Scraper

logger = logging.getLogger("scrapy.core.scraper")


class ItemFlow:
    """What all items of a crawl have in common."""

    def __init__(self, scraper: Scraper) -> None:
        self.scraper = scraper
        self.crawler = scraper.crawler
        self.signals = scraper.signals
        self.logformatter = scraper.crawler.logformatter
        # A formatter of the project's own is asked even when nobody would see what it says: it may count.
        self.formats_otherwise = type(self.logformatter) is not LogFormatter
        self._itemproc = scraper.itemproc
        # The item as the last pipeline leaves it.
        self.processed = manager_call(self._itemproc, "process_item", self.crawler)
        methods = getattr(self._itemproc, "methods", None)
        # No pipelines at all have nothing to wait for; a manager without `methods` may do anything.
        self._plain = methods is not None and not any(map(_may_wait, methods.get("process_item", ())))

        self.outlet: Callable[[Any], Awaitable[object]] | None = None

    @property
    def in_turn(self) -> bool:
        """Whether items go one after the other: no pipeline has shown that it waits for something."""
        return self._plain and not self._itemproc.waits

    async def open(self) -> None:
        """Open the pipelines."""
        await manager_call(self._itemproc, "open_spider", self.crawler)()

    async def close(self) -> None:
        """Close them."""
        await manager_call(self._itemproc, "close_spider", self.crawler)()

    def of(self, response: Response | Failure | None) -> ItemsOfOne:
        """The items that come out of one response; None stands for `start()`."""
        return ItemsOfOne(self, response)

    def log(self, entry: Any, **kwargs: Any) -> None:
        """Log what a formatter said, which may be nothing."""
        if entry is not None:
            logger.log(*logformatter_adapter(entry), extra={"spider": self.crawler.spider}, **kwargs)


class ItemsOfOne:
    """The items of one response."""

    __slots__ = ("_flow", "_response", "_running")

    def __init__(self, flow: ItemFlow, response: Response | Failure | None) -> None:
        self._flow = flow
        self._response = response
        self._running: set[asyncio.Task[None]] | None = None

    async def take(self, item: Any) -> None:
        """Send an item on its way; waits while too many are."""
        if self._flow.in_turn:
            await self.process(item)
            return
        running = self._running = self._running or set()
        if len(running) >= self._flow.scraper.concurrent_items:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.get_running_loop().create_task(self.process(item))
        running.add(task)
        task.add_done_callback(running.discard)

    async def finish(self) -> None:
        """Wait for all of them."""
        while self._running:
            await asyncio.wait(self._running)

    async def process(self, item: Any) -> None:
        """Send one item through the pipelines and say what became of it."""
        slot = self._flow.scraper.slot
        assert slot is not None
        slot.itemproc_size += 1
        try:
            output = await self._flow.processed(item)
        except DropItem as problem:
            await self._dropped(item, problem)
        except Exception as problem:
            await self._failed(item, problem)
        else:
            await self._scraped(output)
            if self._flow.outlet is not None:
                await self._flow.outlet(output)
        finally:
            slot.itemproc_size -= 1

    async def _scraped(self, item: Any) -> None:
        flow = self._flow
        if flow.formats_otherwise or is_heard(logger, logging.DEBUG):
            flow.log(flow.logformatter.scraped(item, self._response, flow.crawler.spider))  # type: ignore[arg-type]
        await self._tell(signals.item_scraped, item=item)

    async def _dropped(self, item: Any, problem: DropItem) -> None:
        flow = self._flow
        flow.log(flow.logformatter.dropped(item, problem, self._response, flow.crawler.spider))  # type: ignore[arg-type]
        await self._tell(signals.item_dropped, item=item, exception=problem)

    async def _failed(self, item: Any, problem: Exception) -> None:
        flow = self._flow
        entry = flow.logformatter.item_error(item, problem, self._response, flow.crawler.spider)  # type: ignore[arg-type]
        flow.log(entry, exc_info=problem)
        await self._tell(signals.item_error, item=item, failure=Failure(problem))

    async def _tell(self, signal: Any, **news: Any) -> None:
        flow = self._flow
        if flow.signals.has_receivers(signal):
            await flow.signals.send_catch_log_async(signal, response=self._response, spider=flow.crawler.spider, **news)


def _may_wait(step: Any) -> bool:
    """Whether a pipeline's method may give something to wait for."""
    return asyncio.iscoroutinefunction(step)
