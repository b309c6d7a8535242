"""Scrapy's `scrapy.utils.httpobj`."""

from shoal.crawl.parsed_url import parsed_url as urlparse_cached

__all__ = ["urlparse_cached"]
