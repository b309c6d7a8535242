"""Downloader middleware: downloads that failed in a way that may pass are tried again.

The one rule: a retry is a new request of lower priority that no duplicate filter stops; who retries too often gives up
and says so. A host that answers 429 or 503 is left alone, as long as it asks (Retry-After) or longer each time.
"""

from __future__ import annotations

import logging
import random
from time import time
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import load_object, object_path
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.middleware.downloader.pauses import pause_slot
from shoal.crawl.page import status_message
from shoal.crawl.policy.retries import WITH_RETRY_AFTER, backoff, retry_after

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings
    from shoal.crawl.spider import Spider

retry_logger = logging.getLogger("scrapy.downloadermiddlewares.retry")


def get_retry_request(
    request: Request,
    *,
    spider: Spider,
    reason: str | Exception | type[Exception] = "unspecified",
    max_retry_times: int | None = None,
    priority_adjust: int | None = None,
    logger: logging.Logger = retry_logger,
    stats_base_key: str = "retry",
    give_up_log_level: int | str | None = None,
) -> Request | None:
    """The request to send instead of a failed one, None when it was tried often enough. For callbacks, too.

    What is not given is taken from the request's meta (`max_retry_times`, `give_up_log_level`), then from RETRY_TIMES,
    RETRY_PRIORITY_ADJUST and RETRY_GIVE_UP_LOG_LEVEL. Raises ValueError for a log level that is none.
    """
    crawler: Any = spider.crawler
    settings = crawler.settings
    times = request.meta.get("retry_times", 0) + 1
    if max_retry_times is None:
        max_retry_times = request.meta.get("max_retry_times")
    if max_retry_times is None:
        max_retry_times = settings.getint("RETRY_TIMES")
    told = {"request": request, "retry_times": times, "reason": reason}
    if times > max_retry_times:
        crawler.stats.inc_value(f"{stats_base_key}/max_reached")
        level = _log_level(give_up_log_level, request, settings)
        logger.log(
            level,
            "Gave up retrying %(request)s (failed %(retry_times)d times): %(reason)s",
            told,
            extra={"spider": spider},
        )
        return None
    logger.debug("Retrying %(request)s (failed %(retry_times)d times): %(reason)s", told, extra={"spider": spider})
    again: Request = request.copy()
    again.meta["retry_times"] = times
    again.dont_filter = True
    again.priority = request.priority + (
        settings.getint("RETRY_PRIORITY_ADJUST") if priority_adjust is None else priority_adjust
    )
    crawler.stats.inc_value(f"{stats_base_key}/count")
    crawler.stats.inc_value(f"{stats_base_key}/reason_count/{_reason_name(reason)}")
    return again


def _log_level(given: int | str | None, request: Request, settings: BaseSettings) -> int:
    level = given
    if level is None:
        level = request.meta.get("give_up_log_level")
    if level is None:
        level = settings.get("RETRY_GIVE_UP_LOG_LEVEL")
    if isinstance(level, int):
        return level
    number = logging.getLevelNamesMapping().get(str(level).upper())
    if number is None:
        raise ValueError(f"Invalid give-up log level: {level!r}")
    return number


def _reason_name(reason: str | Exception | type[Exception]) -> str:
    return reason if isinstance(reason, str) else object_path(reason)


class RetryMiddleware:
    """Retries responses with a status of RETRY_HTTP_CODES and failures of RETRY_EXCEPTIONS."""

    crawler: Crawler

    def __init__(self, settings: BaseSettings) -> None:
        if not settings.getbool("RETRY_ENABLED"):
            raise NotConfigured
        self.max_retry_times = settings.getint("RETRY_TIMES")
        self.retry_http_codes = {int(code) for code in settings.getlist("RETRY_HTTP_CODES")}
        self.priority_adjust = settings.getint("RETRY_PRIORITY_ADJUST")
        self.first_pause = settings.getfloat("RETRY_BACKOFF")
        self.longest_pause = settings.getfloat("RETRY_PAUSE_MAX")
        self.exceptions_to_retry = tuple(load_object(one) for one in settings.getlist("RETRY_EXCEPTIONS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's settings. Raises NotConfigured when RETRY_ENABLED says no."""
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Any = None,  # noqa: ARG002
    ) -> Request | Response:
        """The response, or the request to send again."""
        if response.status not in self.retry_http_codes or request.meta.get("dont_retry", False):
            return response
        if response.status in WITH_RETRY_AFTER:
            self._pause(request, response)
        return self._retry(request, status_message(response.status)) or response

    def process_exception(self, request: Request, exception: Exception, spider: Any = None) -> Request | None:  # noqa: ARG002
        """The request to send again, None for failures that are not retried."""
        if isinstance(exception, self.exceptions_to_retry) and not request.meta.get("dont_retry", False):
            return self._retry(request, exception)
        return None

    def _pause(self, request: Request, response: Response) -> None:
        """Leave the host alone for a while: RETRY_BACKOFF seconds and twice as long each time, unless it says how long.

        RETRY_PAUSE_MAX is the longest; 0 means that nobody is waited for.
        """
        longest = self.longest_pause
        seconds = retry_after(response.headers.get("Retry-After"), time(), longest)
        if seconds is None:
            tried = request.meta.get("retry_times", 0) + 1
            seconds = backoff(tried, self.first_pause, longest, random.random())
        pause_slot(self.crawler, request, seconds)

    def _retry(self, request: Request, reason: str | Exception) -> Request | None:
        spider = self.crawler.spider
        assert spider is not None
        return get_retry_request(
            request,
            reason=reason,
            spider=spider,
            max_retry_times=request.meta.get("max_retry_times", self.max_retry_times),
            priority_adjust=request.meta.get("priority_adjust", self.priority_adjust),
        )
