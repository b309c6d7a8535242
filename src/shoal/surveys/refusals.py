"""Downloader middleware of the surveys: when a site refuses, the whole host is left alone for a while.

The one rule: the spider alone knows what a refusal is: its `refusal(response, request)` says why, or None. The pause
begins here, before the callback, so that it holds under every worker model; what to ask next is the spider's decision.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from shoal.crawl import pause_slot
from shoal.crawl.policy.retries import backoff

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response

REFUSALS = "refusals"
"""The key of `request.meta` for how often in a row this was refused before."""


class RefusalMiddleware:
    """Pauses a host that refuses: SURVEY_PAUSE seconds, twice as long each time in a row, at most SURVEY_PAUSE_MAX."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._first = crawler.settings.getfloat("SURVEY_PAUSE", 5.0)
        self._longest = crawler.settings.getfloat("SURVEY_PAUSE_MAX", 300.0)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for the crawler."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:  # noqa: ARG002
        """The response, which the spider then sees as a refusal, too."""
        asked: Any = self._crawler.spider
        if asked.refusal(response, request) is not None:
            times = request.meta.get(REFUSALS, 0) + 1
            pause_slot(self._crawler, request, backoff(times, self._first, self._longest, random.random() / 2))
            if self._crawler.stats is not None:
                self._crawler.stats.inc_value("survey/refusals")
        return response
