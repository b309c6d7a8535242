"""scrapy.spiders.crawl: a spider that follows links by rules."""

from __future__ import annotations

from shoal.crawl.spiders.rules import CrawlSpider, Rule

__all__ = ["CrawlSpider", "Rule"]
