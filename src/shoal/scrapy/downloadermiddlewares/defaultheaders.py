"""The headers that every request has."""

import shoal.crawl.middleware.downloader.defaultheaders as _home
from shoal.crawl.middleware.downloader.defaultheaders import (
    DefaultHeadersMiddleware,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "DefaultHeadersMiddleware",
]

mirror(__name__, _home)
