"""scrapy.linkextractors.regex, which Scrapy dropped in 2.4."""

from __future__ import annotations

from shoal.scrapy.linkextractors.sgml import SgmlLinkExtractor as RegexLinkExtractor

__all__ = ["RegexLinkExtractor"]
