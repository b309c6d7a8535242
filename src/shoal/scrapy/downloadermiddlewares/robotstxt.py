"""What sites forbid."""

import shoal.crawl.middleware.downloader.robotstxt as _home
from shoal.crawl.middleware.downloader.robotstxt import (
    RobotsTxtMiddleware,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "RobotsTxtMiddleware",
    "logger",
]

mirror(__name__, _home)
