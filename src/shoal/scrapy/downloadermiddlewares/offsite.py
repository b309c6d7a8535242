"""Requests that leave the spider's domains."""

import shoal.crawl.middleware.downloader.offsite as _home
from shoal.crawl.middleware.downloader.offsite import (
    OffsiteMiddleware,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "OffsiteMiddleware",
    "logger",
]

mirror(__name__, _home)
