"""Answers from a cache."""

import shoal.crawl.middleware.downloader.httpcache as _home
from shoal.crawl.middleware.downloader.httpcache import (
    HttpCacheMiddleware,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "HttpCacheMiddleware",
    "logger",
]

mirror(__name__, _home)
