"""scrapy.linkextractors.lxmlhtml: where Scrapy keeps its link extractors."""

from __future__ import annotations

from w3lib.url import canonicalize_url

from shoal.crawl import linkextract
from shoal.crawl.linkextract import LxmlLinkExtractor, LxmlParserLinkExtractor
from shoal.scrapy._mirror import mirror

__all__ = ["LxmlLinkExtractor", "LxmlParserLinkExtractor", "canonicalize_url"]

mirror(__name__, linkextract)
