"""The chain of spider middlewares."""

from shoal.crawl.middleware.spider import SpiderMiddlewareManager

__all__ = ["SpiderMiddlewareManager"]
