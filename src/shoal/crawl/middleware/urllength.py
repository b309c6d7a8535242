"""Spider middleware: a URL longer than URLLENGTH_LIMIT characters is not requested; crawler traps make such URLs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.spidermiddlewares.urllength")


class UrlLengthMiddleware(BaseSpiderMiddleware):
    """Drops requests by the length of their URL. Raises NotConfigured when there is no limit."""

    sees_new_links_only = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.maxlength: int = crawler.settings.getint("URLLENGTH_LIMIT")
        if not self.maxlength:
            raise NotConfigured

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:  # noqa: ARG002
        """The request, None when its URL is too long."""
        if len(request.url) <= self.maxlength:
            return request
        logger.info(
            "Ignoring link (url length > %(maxlength)d): %(url)s ",
            {"maxlength": self.maxlength, "url": request.url},
            extra={"spider": self.crawler.spider},
        )
        self.crawler.stats.inc_value("urllength/request_ignored_count")
        return None
