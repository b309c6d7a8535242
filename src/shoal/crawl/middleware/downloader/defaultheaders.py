"""Downloader middleware: the headers that every request has.

The one rule: a header that the request has already is never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.headers import Headers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request


class DefaultHeadersMiddleware:
    """Adds DEFAULT_REQUEST_HEADERS; a header whose value is None is not added."""

    def __init__(self, headers: Iterable[tuple[str, Any]]) -> None:
        known = Headers((name, value) for name, value in headers if value is not None)
        self._headers = tuple(dict.items(known))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's headers."""
        return cls((crawler.settings["DEFAULT_REQUEST_HEADERS"] or {}).items())

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Add what is missing."""
        add, present = dict.setdefault, request.headers
        for name, values in self._headers:
            add(present, name, values[:])
