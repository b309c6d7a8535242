"""Chains of components."""

import shoal.crawl.middleware as _home
from shoal.crawl.middleware import (
    MiddlewareManager,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "MiddlewareManager",
    "logger",
]

mirror(__name__, _home)
