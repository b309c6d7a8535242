"""scrapy.selector: selectors, and the names they had before Scrapy 1.0."""

from __future__ import annotations

from shoal.crawl.selector import Selector, SelectorList
from shoal.scrapy.selector.lxmlsel import HtmlXPathSelector, XmlXPathSelector, XPathSelector, XPathSelectorList

__all__ = [
    "HtmlXPathSelector",
    "Selector",
    "SelectorList",
    "XPathSelector",
    "XPathSelectorList",
    "XmlXPathSelector",
]
