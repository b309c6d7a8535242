"""Spider middleware: warns, once, when a spider hands on meta keys in which the crawl keeps its own books.

`meta=response.meta` takes along how often a page was retried or where it was redirected from; the new request then
starts with the old one's counts. The one rule: it only warns.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.spidermiddlewares.metacopy")

# What middlewares and the downloader write into the meta of a request for themselves. `depth` is not among them: it is
# overwritten for every request, so a copy does no harm.
OWN_KEYS = frozenset(
    {
        "_auth_proxy",
        "_delay",
        "_has_ftp_proxy",
        "download_latency",
        "redirect_reasons",
        "redirect_times",
        "redirect_ttl",
        "redirect_urls",
        "retry_times",
    }
)


class MetaCopyDetectionMiddleware(BaseSpiderMiddleware):
    """Looks at requests until it has warned; META_COPY_WARN_SKIP_KEYS names keys that are copied on purpose."""

    sees_new_links_only = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._keys = OWN_KEYS.difference(crawler.settings.getlist("META_COPY_WARN_SKIP_KEYS"))
        self._warned = False

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """The request as it is."""
        meta = request._meta
        if meta and response is not None and not self._warned and (copied := self._keys & meta.keys()):
            self._warned = True
            self._warn(request, response, sorted(copied))
        return request

    def _warn(self, request: Request, response: Response, keys: list[str]) -> None:
        logger.warning(
            "%(request)s, which the spider made of %(response)s, has internal keys in its meta: %(keys)s. They belong "
            "to one request and should not be copied to another: pass only the keys you need, not response.meta as a "
            "whole. META_COPY_WARN_SKIP_KEYS names keys that may be copied. This is said only once in a crawl.",
            {"request": request, "response": response, "keys": ", ".join(keys)},
            extra={"spider": self.crawler.spider},
        )
