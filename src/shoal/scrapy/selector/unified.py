"""scrapy.selector.unified: where Scrapy keeps its selectors."""

from __future__ import annotations

from shoal.crawl.selector import Selector, SelectorList

__all__ = ["Selector", "SelectorList"]
