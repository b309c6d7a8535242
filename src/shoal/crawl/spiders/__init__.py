"""Spiders for common kinds of sites: links by rules, sitemaps, feeds, a log-in first.

The one rule: one kind, one module.
"""

from __future__ import annotations

from shoal.crawl.spiders.feeds import CSVFeedSpider, XMLFeedSpider
from shoal.crawl.spiders.first import InitSpider
from shoal.crawl.spiders.rules import CrawlSpider, Rule
from shoal.crawl.spiders.sitemap import SitemapSpider

__all__ = ["CSVFeedSpider", "CrawlSpider", "InitSpider", "Rule", "SitemapSpider", "XMLFeedSpider"]
