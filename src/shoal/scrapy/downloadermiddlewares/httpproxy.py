"""Proxies."""

import shoal.crawl.middleware.downloader.httpproxy as _home
from shoal.crawl.middleware.downloader.httpproxy import (
    HttpProxyMiddleware,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "HttpProxyMiddleware",
]

mirror(__name__, _home)
