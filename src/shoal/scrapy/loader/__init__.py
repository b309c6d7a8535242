"""scrapy.loader: item loaders."""

from __future__ import annotations

from shoal.crawl.loader import ItemLoader

__all__ = ["ItemLoader", "XPathItemLoader"]

# The name before Scrapy 1.0.
XPathItemLoader = ItemLoader
