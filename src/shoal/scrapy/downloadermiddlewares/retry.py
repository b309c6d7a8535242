"""Downloads tried again."""

import shoal.crawl.middleware.downloader.retry as _home
from shoal.crawl.middleware.downloader.retry import (
    RetryMiddleware,
    get_retry_request,
    retry_logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "RetryMiddleware",
    "get_retry_request",
    "retry_logger",
]

mirror(__name__, _home)
