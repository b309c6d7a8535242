"""scrapy.spiders.feed: spiders that read XML and CSV feeds."""

from __future__ import annotations

from shoal.crawl.spiders.feeds import CSVFeedSpider, XMLFeedSpider

__all__ = ["CSVFeedSpider", "XMLFeedSpider"]
