"""Downloader middleware: answers from a cache, and fills it.

The one rule: the policy says what is kept and used, the storage keeps it; `meta["dont_cache"]` passes both by.
"""

from __future__ import annotations

import logging
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.components import load_object
from shoal.crawl.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotConfigured,
    ResponseDataLossError,
)

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import Settings
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector

logger = logging.getLogger("scrapy.downloadermiddlewares.httpcache")


class HttpCacheMiddleware:
    """A cache by HTTPCACHE_POLICY and HTTPCACHE_STORAGE; its responses have the flag `cached`."""

    #: Failures in whose place a stale response is better than none.
    DOWNLOAD_EXCEPTIONS: tuple[type[Exception], ...] = (
        CannotResolveHostError,
        DownloadConnectionRefusedError,
        DownloadFailedError,
        DownloadTimeoutError,
        ResponseDataLossError,
        OSError,
    )

    crawler: Crawler

    def __init__(self, settings: Settings, stats: StatsCollector) -> None:
        if not settings.getbool("HTTPCACHE_ENABLED"):
            raise NotConfigured
        self.policy = load_object(settings["HTTPCACHE_POLICY"])(settings)
        self.storage = load_object(settings["HTTPCACHE_STORAGE"])(settings)
        self.ignore_missing = settings.getbool("HTTPCACHE_IGNORE_MISSING")
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's settings. Raises NotConfigured unless HTTPCACHE_ENABLED says yes."""
        middleware = cls(crawler.settings, crawler.stats)
        middleware.crawler = crawler
        crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    def spider_opened(self, spider: Spider) -> None:
        """Open the storage."""
        self.storage.open_spider(spider)

    def spider_closed(self, spider: Spider) -> None:
        """Close the storage."""
        self.storage.close_spider(spider)

    def process_request(self, request: Request, spider: Any = None) -> Response | None:  # noqa: ARG002
        """The kept response if it will do. Raises IgnoreRequest for a missing one with HTTPCACHE_IGNORE_MISSING."""
        if request._meta and request._meta.get("dont_cache", False):
            return None
        if not self.policy.should_cache_request(request):
            request.meta["_dont_cache"] = True
            return None
        kept = self._retrieve(request)
        if kept is None:
            self.stats.inc_value("httpcache/miss")
            if self.ignore_missing:
                self.stats.inc_value("httpcache/ignore")
                raise IgnoreRequest(f"Ignored request not in cache: {request}")
            return None
        kept.flags.append("cached")
        if self.policy.is_cached_response_fresh(kept, request):
            self.stats.inc_value("httpcache/hit")
            return kept
        request.meta["cached_response"] = kept
        return None

    def _retrieve(self, request: Request) -> Response | None:
        try:
            kept: Response | None = self.storage.retrieve_response(self.crawler.spider, request)
        except Exception as problem:
            request.meta.pop("cache_timestamp", None)
            logger.warning(
                f"Cannot read the cached response for {request}, treating it as a cache miss: {problem!r}",
                extra={"spider": self.crawler.spider},
            )
            self.stats.inc_value("httpcache/retrieve_error")
            return None
        return kept

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:  # noqa: ARG002
        """The response, or the kept one where the server says that nothing has changed."""
        meta = request.meta
        if meta.get("dont_cache", False):
            return response
        if "cached" in response.flags or "_dont_cache" in meta:
            meta.pop("_dont_cache", None)
            return response
        # Age and freshness are counted from it, so a response without one gets it (RFC 9110, section 6.6.1).
        if b"Date" not in response.headers:
            response.headers[b"Date"] = formatdate(usegmt=True)
        kept: Response | None = meta.pop("cached_response", None)
        if kept is None:
            self.stats.inc_value("httpcache/firsthand")
            self._cache_response(response, request)
            return response
        if self.policy.is_cached_response_valid(kept, response, request):
            self.stats.inc_value("httpcache/revalidate")
            self._freshen(kept, response, request)
            return kept
        self.stats.inc_value("httpcache/invalidate")
        meta.pop("cache_timestamp", None)
        self._cache_response(response, request)
        return response

    def process_exception(self, request: Request, exception: Exception, spider: Any = None) -> Response | None:  # noqa: ARG002
        """The kept response, stale as it is, where the server could not be asked."""
        kept: Response | None = request.meta.pop("cached_response", None)
        if kept is not None and isinstance(exception, self.DOWNLOAD_EXCEPTIONS):
            self.stats.inc_value("httpcache/errorrecovery")
            return kept
        return None

    def _freshen(self, kept: Response, response: Response, request: Request) -> None:
        """After a 304 the kept response has the headers that came with it (RFC 9111, section 4.3.4)."""
        if response.status != 304:
            return
        warnings = [value for value in kept.headers.getlist(b"Warning") if not value.startswith(b"1")]
        kept.headers.pop(b"Warning", None)
        if warnings:
            kept.headers.setlist(b"Warning", warnings)
        for name, values in dict.items(response.headers):
            if name not in (b"Content-Length", b"Content-Encoding", b"Transfer-Encoding"):
                kept.headers.setlist(name, values)
        kept.flags.remove("cached")
        self.storage.store_response(self.crawler.spider, request, kept)
        kept.flags.append("cached")

    def _cache_response(self, response: Response, request: Request) -> None:
        if self.policy.should_cache_response(response, request):
            self.stats.inc_value("httpcache/store")
            self.storage.store_response(self.crawler.spider, request, response)
        else:
            self.stats.inc_value("httpcache/uncacheable")
