"""Scrapy's `scrapy.http.response`."""

from shoal.crawl.response import Response

__all__ = ["Response"]
