"""Scrapy's `scrapy.http.response.xml`."""

from shoal.crawl.response import XmlResponse

__all__ = ["XmlResponse"]
