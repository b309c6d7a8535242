"""scrapy.spider: the name of scrapy.spiders before Scrapy 1.0."""

from __future__ import annotations

from shoal.crawl.spider import Spider
from shoal.scrapy.spiders import BaseSpider

__all__ = ["BaseSpider", "Spider"]
