"""Scrapy's `scrapy.utils.curl`."""

from shoal.crawl.curl import curl_to_request_kwargs

__all__ = ["curl_to_request_kwargs"]
