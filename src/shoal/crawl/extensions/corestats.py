"""The statistics every crawl has: when it began and ended, why, and how many items and responses there were."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector


class CoreStats:
    """Counts while the crawl runs."""

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats
        self._begun: float | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One that is connected to the crawler's signals."""
        extension = cls(crawler.stats)
        for name in ("spider_opened", "spider_closed", "item_scraped", "item_dropped", "response_received"):
            crawler.signals.connect(getattr(extension, name), signal=getattr(signals, name))
        return extension

    def spider_opened(self, spider: Spider) -> None:  # noqa: ARG002
        """The crawl has begun."""
        self._begun = monotonic()
        self.stats.set_value("start_time", datetime.now(tz=UTC))

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002
        """The crawl has ended."""
        elapsed = 0.0 if self._begun is None else monotonic() - self._begun
        self.stats.set_value("elapsed_time_seconds", elapsed)
        self.stats.set_value("finish_time", datetime.now(tz=UTC))
        self.stats.set_value("finish_reason", reason)

    def item_scraped(self, item: Any, spider: Spider) -> None:  # noqa: ARG002
        """An item has come through all pipelines."""
        self.stats.inc_value("item_scraped_count")

    def response_received(self, spider: Spider) -> None:  # noqa: ARG002
        """A response has come for the spider."""
        self.stats.inc_value("response_received_count")

    def item_dropped(self, item: Any, spider: Spider, exception: BaseException) -> None:  # noqa: ARG002
        """A pipeline has dropped an item."""
        self.stats.inc_value("item_dropped_count")
        self.stats.inc_value(f"item_dropped_reasons_count/{type(exception).__name__}")
