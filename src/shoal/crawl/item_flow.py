"""Items on their way through the pipelines.

The one rule: of one response at most CONCURRENT_ITEMS are on their way at the same time; where there is nothing to
wait for, an item is a few calls: no task, and no coroutine.
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
from shoal.crawl.pipelines.chain import ItemPipelineManager, Unfinished
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
        # The item as the last pipeline leaves it, or Unfinished.
        self.begin: Callable[[Any], Any] = self._own_way()
        methods = getattr(self._itemproc, "methods", None)
        # No pipelines at all have nothing to wait for; a manager without `methods` may do anything.
        self._plain = methods is not None and not any(map(_may_wait, methods.get("process_item", ())))
        self.outlet: Callable[[Any], Awaitable[object]] | None = None

    def _own_way(self) -> Callable[[Any], Any]:
        """How an item begins; a manager of the project's own is always waited for."""
        if type(self._itemproc) is ItemPipelineManager:
            return self._itemproc.begin_item
        processed = manager_call(self._itemproc, "process_item", self.crawler)
        return lambda item: Unfinished(processed(item))

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

    def log(self, entry: Any, item: Any, **kwargs: Any) -> None:
        """Log what a formatter said of an item, which may be nothing."""
        if entry is not None:
            about = {"spider": self.crawler.spider, "item": item}
            logger.log(*logformatter_adapter(entry), extra=about, **kwargs)


class ItemsOfOne:
    """The items of one response."""

    __slots__ = ("_flow", "_response", "_running", "_shown")

    def __init__(self, flow: ItemFlow, response: Response | Failure | None) -> None:
        self._flow = flow
        self._response = response
        self._running: set[asyncio.Task[None]] | None = None
        # Whether anybody would see what is logged of an item.
        self._shown = flow.formats_otherwise or is_heard(logger, logging.DEBUG)

    def take(self, item: Any) -> Awaitable[None] | None:
        """Send an item on its way; what to wait for before the next one, None where there is nothing to wait for."""
        return self.process(item) if self._flow.in_turn else self._beside_others(item)

    async def _beside_others(self, item: Any) -> None:
        """Begin an item in a task of its own; waits while too many are on their way."""
        running = self._running = self._running or set()
        if len(running) >= self._flow.scraper.concurrent_items:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.get_running_loop().create_task(self._whole_way(item))
        running.add(task)
        task.add_done_callback(running.discard)

    async def _whole_way(self, item: Any) -> None:
        rest = self.process(item)
        if rest is not None:
            await rest

    async def finish(self) -> None:
        """Wait for all of them."""
        while self._running:
            await asyncio.wait(self._running)

    def process(self, item: Any) -> Awaitable[None] | None:
        """Send one item through the pipelines and say what became of it; what is left to wait for, if anything."""
        rest: Awaitable[None] | None
        try:
            output = self._flow.begin(item)
        except Exception as problem:
            rest = self._stopped(item, problem)
        else:
            rest = self._later(item, output.rest) if type(output) is Unfinished else self._scraped(output)
        return None if rest is None else self._counted(rest)

    async def _counted(self, rest: Awaitable[None]) -> None:
        """Wait, as one of the items that are on their way."""
        slot = self._flow.scraper.slot
        assert slot is not None
        slot.itemproc_size += 1
        try:
            await rest
        finally:
            slot.itemproc_size -= 1

    async def _later(self, item: Any, output: Awaitable[Any]) -> None:
        rest: Awaitable[None] | None
        try:
            done = await output
        except Exception as problem:
            rest = self._stopped(item, problem)
        else:
            rest = self._scraped(done)
        if rest is not None:
            await rest

    def _scraped(self, item: Any) -> Awaitable[None] | None:
        flow = self._flow
        if self._shown:
            said = flow.logformatter.scraped(item, self._response, flow.crawler.spider)  # type: ignore[arg-type]
            flow.log(said, item)
        told = flow.signals.tell(signals.item_scraped, response=self._response, spider=flow.crawler.spider, item=item)
        return told if flow.outlet is None else _one_after_the_other(told, flow.outlet(item))

    def _stopped(self, item: Any, problem: Exception) -> Awaitable[None] | None:
        """A pipeline has dropped the item, or failed on it."""
        flow = self._flow
        about: Any = (item, problem, self._response, flow.crawler.spider)
        if isinstance(problem, DropItem):
            flow.log(flow.logformatter.dropped(*about), item)
            return self._tell(signals.item_dropped, item=item, exception=problem)
        flow.log(flow.logformatter.item_error(*about), item, exc_info=problem)
        return self._tell(signals.item_error, item=item, failure=Failure(problem))

    def _tell(self, signal: Any, **news: Any) -> Awaitable[None] | None:
        flow = self._flow
        return flow.signals.tell(signal, response=self._response, spider=flow.crawler.spider, **news)


async def _one_after_the_other(first: Awaitable[object] | None, second: Awaitable[object]) -> None:
    if first is not None:
        await first
    await second


def _may_wait(step: Any) -> bool:
    """Whether a pipeline's method may give something to wait for."""
    return asyncio.iscoroutinefunction(step)
