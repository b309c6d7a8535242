"""scrapy.spiders: the base of spiders, and the generic ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.lazily import later
from shoal.crawl.spider import Spider

if TYPE_CHECKING:
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

__getattr__ = later(
    __name__,
    {
        "CSVFeedSpider": "shoal.crawl.spiders.feeds",
        "CrawlSpider": "shoal.crawl.spiders.rules",
        "InitSpider": "shoal.crawl.spiders.first",
        "Rule": "shoal.crawl.spiders.rules",
        "SitemapSpider": "shoal.crawl.spiders.sitemap",
        "XMLFeedSpider": "shoal.crawl.spiders.feeds",
    },
)
