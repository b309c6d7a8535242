"""Scrapy's `scrapy.http.response.json`."""

from shoal.crawl.response import JsonResponse

__all__ = ["JsonResponse"]
