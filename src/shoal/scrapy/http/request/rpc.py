"""Scrapy's `scrapy.http.request.rpc`."""

from shoal.crawl.payloads import XmlRpcRequest

__all__ = ["XmlRpcRequest"]
