"""Chains of components."""

import shoal.crawl.chain as _home
from shoal.crawl.chain import (
    MiddlewareManager,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "MiddlewareManager",
    "logger",
]

mirror(__name__, _home)
