"""What the libraries beneath can do, as Scrapy asks it."""

from __future__ import annotations

from parsel import Selector

__all__ = ["PARSEL_SUPPORTS_JMESPATH"]

PARSEL_SUPPORTS_JMESPATH = hasattr(Selector, "jmespath")
