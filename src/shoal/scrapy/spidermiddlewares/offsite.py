"""Requests that leave the spider's domains, filtered where Scrapy did it until 2.11: on their way out of a callback.

Today the downloader middleware of the same name does it; this one is for projects that name or extend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import IgnoreRequest
from shoal.crawl.middleware.downloader.offsite import OffsiteMiddleware as _Offsite
from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware

if TYPE_CHECKING:
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.spider import Spider

__all__ = ["OffsiteMiddleware"]


class OffsiteMiddleware(_Offsite, BaseSpiderMiddleware):
    """Filters by `allowed_domains` of the spider; a subclass may say otherwise in `should_follow`."""

    def spider_opened(self, spider: Spider) -> None:
        """Read the domains."""
        self._read_domains(spider)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """The request, None when it leaves the domains; what the crawl begins with may go anywhere."""
        if response is None:
            return request
        spider: Any = self.crawler.spider
        try:
            self._check(request, spider)
        except IgnoreRequest:
            return None
        return request
