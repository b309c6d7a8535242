"""Base of spider middlewares."""

from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware

__all__ = ["BaseSpiderMiddleware"]
