"""Compressed pages."""

import shoal.crawl.middleware.downloader.httpcompression as _home
from shoal.crawl.middleware.downloader.httpcompression import (
    ACCEPTED_ENCODINGS,
    HttpCompressionMiddleware,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "ACCEPTED_ENCODINGS",
    "HttpCompressionMiddleware",
    "logger",
]

mirror(__name__, _home)
