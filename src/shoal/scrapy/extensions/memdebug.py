"""What is still alive when a crawl has ended, as statistics."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from shoal.crawl import signals
from shoal.crawl.exceptions import NotConfigured
from shoal.scrapy.utils.trackref import live_refs

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector

__all__ = ["MemoryDebugger"]


class MemoryDebugger:
    """Counts what the collector could not free, and living objects of the classes that are tracked."""

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler. Raises NotConfigured unless MEMDEBUG_ENABLED is on."""
        if not crawler.settings.getbool("MEMDEBUG_ENABLED"):
            raise NotConfigured
        extension = cls(crawler.stats)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002
        """Collect, then count."""
        gc.collect()
        self.stats.set_value("memdebug/gc_garbage_count", len(gc.garbage))
        for cls, living in live_refs.items():
            if living:
                self.stats.set_value(f"memdebug/live_refs/{cls.__name__}", len(living))
