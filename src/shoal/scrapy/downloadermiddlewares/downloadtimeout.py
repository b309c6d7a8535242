"""How long a download may take."""

import shoal.crawl.middleware.downloader.downloadtimeout as _home
from shoal.crawl.middleware.downloader.downloadtimeout import (
    DownloadTimeoutMiddleware,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "DownloadTimeoutMiddleware",
]

mirror(__name__, _home)
