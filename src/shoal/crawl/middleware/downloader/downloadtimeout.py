"""Downloader middleware: how long a download may take.

The one rule: a request that names its own `download_timeout` keeps it. Seconds.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import ScrapyDeprecationWarning

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider


class DownloadTimeoutMiddleware:
    """Notes DOWNLOAD_TIMEOUT in `meta["download_timeout"]`; 0 means no limit and notes nothing."""

    def __init__(self, timeout: float = 180) -> None:
        self._timeout = timeout

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's DOWNLOAD_TIMEOUT."""
        middleware = cls(crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
        return middleware

    def spider_opened(self, spider: Spider) -> None:
        """Read the attribute that was a setting once."""
        if hasattr(spider, "download_timeout"):
            warnings.warn(
                "The 'download_timeout' spider attribute is deprecated. Use the DOWNLOAD_TIMEOUT setting instead.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
            self._timeout = spider.download_timeout

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Note the limit unless there is one."""
        if self._timeout:
            request.meta.setdefault("download_timeout", self._timeout)
