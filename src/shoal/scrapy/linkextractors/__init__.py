"""scrapy.linkextractors: the links of a page."""

from __future__ import annotations

from shoal.crawl.linkextract import LxmlLinkExtractor
from shoal.crawl.linkextract import LxmlLinkExtractor as LinkExtractor
from shoal.crawl.linkrules import IGNORED_EXTENSIONS

__all__ = ["IGNORED_EXTENSIONS", "LinkExtractor", "LxmlLinkExtractor"]
