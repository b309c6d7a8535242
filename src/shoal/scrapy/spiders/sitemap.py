"""scrapy.spiders.sitemap: a spider that finds its pages in sitemaps."""

from __future__ import annotations

from shoal.crawl.spiders.sitemap import SitemapSpider
from shoal.crawl.spiders.sitemap import locations as iterloc

__all__ = ["SitemapSpider", "iterloc"]
