"""A line in the log, every LOGSTATS_INTERVAL seconds: how many pages and items, and how fast.

The one rule: it only reads what others count.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shoal.crawl import signals
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.looping import create_looping_call

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.looping import AsyncioLoopingCall
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.extensions.logstats")


class LogStats:
    """Pages and items a minute, counted over each interval; over the whole crawl in the statistics at its end."""

    # Known from the moment the spider is open.
    pagesprev: int
    itemsprev: int

    def __init__(self, stats: StatsCollector, interval: float = 60.0) -> None:
        self.stats = stats
        self.interval = interval
        self.multiplier = 60.0 / interval
        self.task: AsyncioLoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler. Raises NotConfigured when there is no interval."""
        interval = crawler.settings.getfloat("LOGSTATS_INTERVAL")
        if not interval:
            raise NotConfigured
        extension = cls(crawler.stats, interval)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        """The first line comes at once."""
        self.pagesprev, self.itemsprev = self._counts()
        self.task = create_looping_call(self.log, spider)
        self.task.start(self.interval)

    def _counts(self) -> tuple[int, int]:
        return self.stats.get_value("response_received_count", 0), self.stats.get_value("item_scraped_count", 0)

    def log(self, spider: Spider) -> None:
        """Write the line."""
        self.calculate_stats()
        logger.info(
            "Crawled %(pages)d pages (at %(pagerate)d pages/min), scraped %(items)d items (at %(itemrate)d items/min)",
            {"pages": self.pages, "pagerate": self.prate, "items": self.items, "itemrate": self.irate},
            extra={"spider": spider},
        )

    def calculate_stats(self) -> None:
        """Count, and compare with the count before."""
        self.pages, self.items = self._counts()
        self.prate = (self.pages - self.pagesprev) * self.multiplier
        self.irate = (self.items - self.itemsprev) * self.multiplier
        self.pagesprev, self.itemsprev = self.pages, self.items

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002
        """Put the rates of the whole crawl among the statistics; None where it took no time."""
        if self.task is not None and self.task.running:
            self.task.stop()
        begun, ended = self.stats.get_value("start_time"), self.stats.get_value("finish_time")
        minutes = (ended - begun).total_seconds() / 60 if begun and ended else 0.0
        pages, items = self._counts()
        self.stats.set_value("responses_per_minute", pages / minutes if minutes else None)
        self.stats.set_value("items_per_minute", items / minutes if minutes else None)
