"""scrapy.linkextractors.sgml: the extractor of Scrapy before 1.0, whose parser Python has dropped."""

from __future__ import annotations

from typing import Any

from shoal.crawl.linkextract import LxmlLinkExtractor, LxmlParserLinkExtractor

__all__ = ["BaseSgmlLinkExtractor", "SgmlLinkExtractor"]

BaseSgmlLinkExtractor = LxmlParserLinkExtractor


class SgmlLinkExtractor(LxmlLinkExtractor):
    """A LinkExtractor that makes URLs canonical unless told not to, as the old one did."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if len(args) < 8:  # canonicalize is the eighth
            kwargs.setdefault("canonicalize", True)
        super().__init__(*args, **kwargs)
