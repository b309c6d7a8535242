"""Add-ons: components that set other settings."""

import shoal.crawl.addons as _home
from shoal.crawl.addons import AddonManager, logger
from shoal.crawl.components import build_from_crawler
from shoal.scrapy._mirror import mirror

__all__ = [
    "AddonManager",
    "build_from_crawler",
    "logger",
]

mirror(__name__, _home)
