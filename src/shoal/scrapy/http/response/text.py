"""Scrapy's `scrapy.http.response.text`."""

from shoal.crawl.response import TextResponse

__all__ = ["TextResponse"]
