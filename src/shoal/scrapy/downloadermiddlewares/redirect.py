"""Pages that are elsewhere."""

import shoal.crawl.middleware.downloader.redirect as _home
from shoal.crawl.middleware.downloader.redirect import (
    BaseRedirectMiddleware,
    MetaRefreshMiddleware,
    RedirectMiddleware,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "BaseRedirectMiddleware",
    "MetaRefreshMiddleware",
    "RedirectMiddleware",
    "logger",
]

mirror(__name__, _home)
