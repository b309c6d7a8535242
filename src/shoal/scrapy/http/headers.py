"""Scrapy's `scrapy.http.headers`."""

from shoal.crawl.headers import Headers

__all__ = ["Headers"]
