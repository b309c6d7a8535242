"""scrapy.linkextractor: the name of scrapy.linkextractors before Scrapy 1.0."""

from __future__ import annotations

from shoal.scrapy.linkextractors import IGNORED_EXTENSIONS, LinkExtractor

__all__ = ["IGNORED_EXTENSIONS", "LinkExtractor"]
