"""Counts of what happened in a crawl, by name.

The one rule: a statistic is a value under a name such as "downloader/request_count"; the collector adds nothing itself.
"""

from __future__ import annotations

import logging
import pprint
import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import ScrapyDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.statscollectors")


def _warn_about_spider(collector: StatsCollector, method: str) -> None:
    """Older code passes the spider; it is taken, and answered with a warning."""
    warnings.warn(
        f"Passing a 'spider' argument to {type(collector).__qualname__}.{method}() is deprecated, and it is ignored.",
        ScrapyDeprecationWarning,
        stacklevel=3,
    )


class StatsCollector:
    """Keeps statistics while the crawl runs, and writes them to the log at its end when STATS_DUMP says so."""

    def __init__(self, crawler: Crawler) -> None:
        self._dump: bool = crawler.settings.getbool("STATS_DUMP")
        self._stats: dict[str, Any] = {}
        self._crawler = crawler

    def get_value(self, key: str, default: Any = None, spider: Any = None) -> Any:
        """The statistic of that name."""
        if spider is not None:
            _warn_about_spider(self, "get_value")
        return self._stats.get(key, default)

    def get_stats(self, spider: Any = None) -> dict[str, Any]:
        """All of them; the very dict that is being filled."""
        if spider is not None:
            _warn_about_spider(self, "get_stats")
        return self._stats

    def set_value(self, key: str, value: Any, spider: Any = None) -> None:
        """Set one."""
        if spider is not None:
            _warn_about_spider(self, "set_value")
        self._stats[key] = value

    def set_stats(self, stats: dict[str, Any], spider: Any = None) -> None:
        """Replace all."""
        if spider is not None:
            _warn_about_spider(self, "set_stats")
        self._stats = stats

    def inc_value(self, key: str, count: int = 1, start: int = 0, spider: Any = None) -> None:
        """Add `count`, to `start` the first time."""
        if spider is not None:
            _warn_about_spider(self, "inc_value")
        stats = self._stats
        stats[key] = stats.get(key, start) + count

    def max_value(self, key: str, value: Any, spider: Any = None) -> None:
        """Keep the greater of the present value and this one."""
        if spider is not None:
            _warn_about_spider(self, "max_value")
        self._stats[key] = max(self._stats.get(key, value), value)

    def min_value(self, key: str, value: Any, spider: Any = None) -> None:
        """Keep the smaller of the present value and this one."""
        if spider is not None:
            _warn_about_spider(self, "min_value")
        self._stats[key] = min(self._stats.get(key, value), value)

    def clear_stats(self, spider: Any = None) -> None:
        """Forget all."""
        if spider is not None:
            _warn_about_spider(self, "clear_stats")
        self._stats.clear()

    def open_spider(self, spider: Any = None) -> None:
        """Called when the crawl begins."""
        if spider is not None:
            _warn_about_spider(self, "open_spider")

    def close_spider(self, spider: Spider | None = None, reason: str | None = None) -> None:  # noqa: ARG002
        """Called when the crawl has ended: log and keep what was counted."""
        if spider is not None:
            _warn_about_spider(self, "close_spider")
        if self._dump:
            logger.info("Dumping Scrapy stats:\n" + pprint.pformat(self._stats), extra={"spider": self._crawler.spider})
        self._persist_stats(self._stats)

    def _persist_stats(self, stats: dict[str, Any]) -> None:
        """For collectors that keep the statistics beyond the crawl."""


def count_each(collector: StatsCollector, keys: Iterable[str]) -> None:
    """Add 1 to each of what is counted together, by one call where the collector counts in the usual way."""
    if type(collector).inc_value is not StatsCollector.inc_value:
        for key in keys:
            collector.inc_value(key)
        return
    stats = collector._stats
    for key in keys:
        stats[key] = stats.get(key, 0) + 1


class MemoryStatsCollector(StatsCollector):
    """Remembers the statistics of each spider's last crawl in `spider_stats`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.spider_stats: dict[str, dict[str, Any]] = {}

    def _persist_stats(self, stats: dict[str, Any]) -> None:
        if self._crawler.spider is not None:
            self.spider_stats[self._crawler.spider.name] = stats


class DummyStatsCollector(StatsCollector):
    """Counts nothing: the cheapest there is."""

    def get_value(self, key: str, default: Any = None, spider: Any = None) -> Any:  # noqa: ARG002
        """Always the default."""
        return default

    def set_value(self, key: str, value: Any, spider: Any = None) -> None:
        """Nothing."""

    def set_stats(self, stats: dict[str, Any], spider: Any = None) -> None:
        """Nothing."""

    def inc_value(self, key: str, count: int = 1, start: int = 0, spider: Any = None) -> None:
        """Nothing."""

    def max_value(self, key: str, value: Any, spider: Any = None) -> None:
        """Nothing."""

    def min_value(self, key: str, value: Any, spider: Any = None) -> None:
        """Nothing."""
