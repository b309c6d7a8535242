"""scrapy.spiders: the base of spiders, and the generic ones."""

from __future__ import annotations

from shoal.crawl.spider import Spider
from shoal.crawl.spiders import CrawlSpider, CSVFeedSpider, InitSpider, Rule, SitemapSpider, XMLFeedSpider

__all__ = [
    "BaseSpider",
    "CSVFeedSpider",
    "CrawlSpider",
    "InitSpider",
    "Rule",
    "SitemapSpider",
    "Spider",
    "XMLFeedSpider",
]

# The name before Scrapy 0.22.
BaseSpider = Spider
