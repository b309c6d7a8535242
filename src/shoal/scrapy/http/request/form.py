"""Scrapy's `scrapy.http.request.form`."""

from shoal.crawl.forms import FormRequest

__all__ = ["FormRequest"]
