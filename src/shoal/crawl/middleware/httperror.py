"""Spider middleware: responses that a server calls unsuccessful do not reach callbacks that have not asked for them.

The one rule: 2xx always passes. Otherwise the request's meta decides (`handle_httpstatus_all`,
`handle_httpstatus_list`), then the spider's `handle_httpstatus_list`, then HTTPERROR_ALLOW_ALL and
HTTPERROR_ALLOWED_CODES.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.response import Response

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.spidermiddlewares.httperror")


class HttpError(IgnoreRequest):
    """A response was not wanted because of its status; an errback finds it as `failure.value.response`."""

    def __init__(self, response: Response, *args: Any) -> None:
        super().__init__(*args)
        self.response = response


class HttpErrorMiddleware:
    """Sorts out responses by status before they reach a callback."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.handle_httpstatus_all = crawler.settings.getbool("HTTPERROR_ALLOW_ALL")
        self.handle_httpstatus_list = [int(code) for code in crawler.settings.getlist("HTTPERROR_ALLOWED_CODES")]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's settings."""
        return cls(crawler)

    def process_spider_input(self, response: Response, spider: Any = None) -> None:  # noqa: ARG002
        """Raise HttpError for a response that nobody has asked for."""
        if not 200 <= response.status < 300 and not self._wanted(response):
            raise HttpError(response, "Ignoring non-200 response")

    def _wanted(self, response: Response) -> bool:
        meta = response.meta
        if meta.get("handle_httpstatus_all", False):
            return True
        if "handle_httpstatus_list" in meta:
            return response.status in (meta["handle_httpstatus_list"] or ())
        if self.handle_httpstatus_all:
            return True
        allowed: Container[int] = getattr(self.crawler.spider, "handle_httpstatus_list", self.handle_httpstatus_list)
        return response.status in allowed

    def process_spider_exception(
        self,
        response: Response,
        exception: Exception,
        spider: Any = None,  # noqa: ARG002
    ) -> tuple[()] | None:
        """Count and log a response that was not wanted and that no errback took; nothing comes of it."""
        if not isinstance(exception, HttpError):
            return None
        stats = self.crawler.stats
        stats.inc_value("httperror/response_ignored_count")
        stats.inc_value(f"httperror/response_ignored_status_count/{response.status}")
        logger.info(
            "Ignoring response %(response)r: HTTP status code is not handled or not allowed",
            {"response": response},
            extra={"spider": self.crawler.spider},
        )
        return ()
