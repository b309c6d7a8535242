"""User and password for sites."""

import shoal.crawl.middleware.downloader.httpauth as _home
from shoal.crawl.middleware.downloader.httpauth import (
    HttpAuthMiddleware,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "HttpAuthMiddleware",
]

mirror(__name__, _home)
