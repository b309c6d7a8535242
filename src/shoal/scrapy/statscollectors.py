"""Counts of what happened in a crawl."""

import shoal.crawl.stats as _home
from shoal.crawl.stats import (
    DummyStatsCollector,
    MemoryStatsCollector,
    StatsCollector,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "DummyStatsCollector",
    "MemoryStatsCollector",
    "StatsCollector",
    "logger",
]

mirror(__name__, _home)
