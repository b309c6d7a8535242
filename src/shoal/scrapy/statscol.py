"""scrapy.statscol: the name of scrapy.statscollectors before Scrapy 1.0."""

from __future__ import annotations

from shoal.crawl.stats import DummyStatsCollector, MemoryStatsCollector, StatsCollector

__all__ = ["DummyStatsCollector", "MemoryStatsCollector", "StatsCollector"]
