"""Scrapy's `scrapy.http.request`."""

from shoal.crawl.request import NO_CALLBACK, CallbackT, CookiesT, Request, VerboseCookie

__all__ = ["NO_CALLBACK", "CallbackT", "CookiesT", "Request", "VerboseCookie"]
