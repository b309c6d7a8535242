"""Items, counts and log records of workers, delivered where the crawl's listeners are.

The one rule: each item that arrives is told once, in the order in which it came; whoever takes items may be slow, and
then everybody waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.spread.logs import replay
from shoal.crawl.spread.merging import merge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spread.kept import KeptCrawl
    from shoal.crawl.spread.wire import News


class Delivery:
    """Stands where the scraper of an engine stands otherwise."""

    def __init__(self, crawler: Crawler, kept: KeptCrawl | None = None) -> None:
        self._crawler = crawler
        self.kept = kept
        self._bus = crawler.signals
        self._outlet: Callable[[Any], Awaitable[object]] | None = None
        # Worker -> its statistics, as it has told them.
        self._known: dict[int, dict[str, Any]] = {}

    def hand_items_to(self, outlet: Callable[[Any], Awaitable[object]]) -> None:
        """From now on, wait for `outlet(item)` with each item."""
        self._outlet = outlet

    def is_idle(self) -> bool:
        """Whether nothing is being delivered; the coordinator knows."""
        return True

    async def close_spider_async(self) -> None:
        """Pipelines are the workers'."""

    def count_exception(self, problem: BaseException) -> None:
        """An exception of the spider's here, for the statistics."""
        self._crawler.stats.inc_value("spider_exceptions/count")
        self._crawler.stats.inc_value(f"spider_exceptions/{type(problem).__name__}")

    async def take(self, worker: int, news: News) -> None:
        """What a worker tells, except requests."""
        for told in news.logs:
            replay(told, {"spider": self._crawler.spider})
        if news.items:
            await self._take_items(news.items, news.sources)
        if news.pages:
            self._repeat(signals.response_received, news.pages, response=None, request=None)
        if news.errors:
            self._repeat(signals.spider_error, news.errors, failure=None, response=None)
        if news.stats:
            merge(self._crawler.stats.get_stats(), self._known.setdefault(worker, {}), news.stats)

    async def _take_items(self, items: list[Any], sources: list[int]) -> None:
        spider, tell = self._crawler.spider, self._bus.send_catch_log_async
        heard = self._bus.has_receivers(signals.item_scraped)
        for place, item in enumerate(items):
            if self.kept is not None:
                self.kept.source = sources[place]
            if heard:
                await tell(signals.item_scraped, item=item, response=None, spider=spider)
            if self._outlet is not None:
                await self._outlet(item)

    def _repeat(self, signal: object, times: int, **news: Any) -> None:
        """Tell a signal for what has happened in a worker, without what only the worker has."""
        if self._bus.has_receivers(signal):
            for _ in range(times):
                self._bus.send_catch_log(signal, spider=self._crawler.spider, **news)

    def forget(self, worker: int) -> None:
        """A worker is gone; what it has counted stays counted."""
        self._known.pop(worker, None)
