"""Downloader middleware: user and password for sites that ask for them (HTTP Basic).

The one rule: credentials go only to the domain they were given for; to give them to every host has to be said
(a domain of None). What a request says in its meta goes before what the crawl says.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from w3lib.http import basic_auth_header

from shoal.crawl import signals
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.urls import url_is_from_any_domain

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider


class HttpAuthMiddleware:
    """Adds Authorization from `meta["http_user"]`, `["http_pass"]`, `["http_auth_domain"]`, or from HTTPAUTH_*."""

    def __init__(self, user: str = "", password: str = "", domain: str | None = None) -> None:
        self.domain = domain
        self.auth = basic_auth_header(user, password) if user or password else None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's HTTPAUTH_USER, HTTPAUTH_PASS. Raises ValueError when HTTPAUTH_DOMAIN is not set."""
        settings = crawler.settings
        user, password = settings.get("HTTPAUTH_USER", ""), settings.get("HTTPAUTH_PASS", "")
        if (user or password) and not settings.getpriority("HTTPAUTH_DOMAIN"):
            raise ValueError(
                "HTTPAUTH_USER and HTTPAUTH_PASS need HTTPAUTH_DOMAIN: the domain that may see them, or None for all."
            )
        middleware = cls(user, password, settings["HTTPAUTH_DOMAIN"])
        crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
        return middleware

    def spider_opened(self, spider: Spider) -> None:
        """Read the attributes that were settings once. Raises AttributeError when `http_auth_domain` is missing."""
        user, password = getattr(spider, "http_user", ""), getattr(spider, "http_pass", "")
        if user or password:
            warnings.warn(
                "The 'http_user', 'http_pass' and 'http_auth_domain' spider attributes are deprecated. "
                "Use the HTTPAUTH_USER, HTTPAUTH_PASS and HTTPAUTH_DOMAIN settings instead.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
            self.auth = basic_auth_header(user, password)
            self.domain = spider.http_auth_domain  # type: ignore[attr-defined]

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Add the header where it belongs and is missing."""
        auth, domain = self.auth, self.domain
        meta = request._meta
        if meta and ("http_user" in meta or "http_pass" in meta):
            auth = basic_auth_header(meta.get("http_user", ""), meta.get("http_pass", ""))
            domain = meta.get("http_auth_domain")
        if auth is None or b"Authorization" in request.headers:
            return
        if not domain or url_is_from_any_domain(request.url, [domain]):
            request.headers[b"Authorization"] = auth
