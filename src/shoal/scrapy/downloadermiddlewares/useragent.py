"""Who we say we are."""

import shoal.crawl.middleware.downloader.useragent as _home
from shoal.crawl.middleware.downloader.useragent import (
    UserAgentMiddleware,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "UserAgentMiddleware",
]

mirror(__name__, _home)
