"""Downloader middleware: who we say we are.

The one rule: a User-Agent that the request has already is never touched.
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


class UserAgentMiddleware:
    """Adds USER_AGENT, or the attribute `user_agent` of an older spider."""

    def __init__(self, user_agent: str | None = "Scrapy") -> None:
        self.user_agent = user_agent
        self._written: tuple[str | None, bytes] = (None, b"")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's USER_AGENT."""
        middleware = cls(crawler.settings["USER_AGENT"])
        crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
        return middleware

    def spider_opened(self, spider: Spider) -> None:
        """Read the attribute that was a setting once."""
        if hasattr(spider, "user_agent"):
            warnings.warn(
                "The 'user_agent' spider attribute is deprecated. Use the USER_AGENT setting instead.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
            self.user_agent = spider.user_agent

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Add the header if it is missing."""
        agent = self.user_agent
        if not agent:
            return
        if agent is not self._written[0]:
            self._written = (agent, agent.encode() if isinstance(agent, str) else agent)
        dict.setdefault(request.headers, b"User-Agent", [self._written[1]])
