"""URLs that are too long."""

from shoal.crawl.middleware.urllength import UrlLengthMiddleware

__all__ = ["UrlLengthMiddleware"]
