"""Requests a crawl begins with."""

from shoal.crawl.middleware.start import StartSpiderMiddleware

__all__ = ["StartSpiderMiddleware"]
