"""Cookies."""

import shoal.crawl.middleware.downloader.cookies as _home
from shoal.crawl.middleware.downloader.cookies import (
    CookiesMiddleware,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "CookiesMiddleware",
    "logger",
]

mirror(__name__, _home)
