"""Counts of downloads."""

import shoal.crawl.middleware.downloader.stats as _home
from shoal.crawl.middleware.downloader.stats import (
    DownloaderStats,
    get_header_size,
    get_status_size,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "DownloaderStats",
    "get_header_size",
    "get_status_size",
]

mirror(__name__, _home)
