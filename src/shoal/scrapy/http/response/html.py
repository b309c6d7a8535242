"""Scrapy's `scrapy.http.response.html`."""

from shoal.crawl.response import HtmlResponse

__all__ = ["HtmlResponse"]
