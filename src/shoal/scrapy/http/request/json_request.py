"""Scrapy's `scrapy.http.request.json_request`."""

from shoal.crawl.payloads import JsonRequest

__all__ = ["JsonRequest"]
