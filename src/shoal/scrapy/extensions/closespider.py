"""Ends a crawl that has done enough."""

from shoal.crawl.extensions.closespider import CloseSpider

__all__ = ["CloseSpider"]
