"""scrapy.linkextractors.htmlparser, which Scrapy dropped in 2.4."""

from __future__ import annotations

from shoal.crawl.linkextract import LxmlParserLinkExtractor as HtmlParserLinkExtractor

__all__ = ["HtmlParserLinkExtractor"]
