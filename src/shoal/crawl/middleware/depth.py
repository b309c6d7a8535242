"""Spider middleware: how many links a page is away from where the crawl began.

The one rule: the depth of a request is that of its response's request plus one; redirects and retries keep it, and
`depth_reset` in the meta begins anew at 0.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shoal.crawl.download.guard import guard_of, note_origin
from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware
from shoal.crawl.policy.addresses import FROM_PUBLIC

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.stats import StatsCollector

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.spidermiddlewares.depth")


class DepthMiddleware(BaseSpiderMiddleware):
    """Notes depths; DEPTH_LIMIT (0: none) is the greatest, and each level lowers the priority by DEPTH_PRIORITY."""

    sees_new_links_only = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.maxdepth: int = crawler.settings.getint("DEPTH_LIMIT")
        self.prio: int = crawler.settings.getint("DEPTH_PRIORITY")
        self.verbose_stats: bool = crawler.settings.getbool("DEPTH_STATS_VERBOSE")
        self._notes_origin = guard_of(crawler).wants_origins
        self.stats: StatsCollector = crawler.stats
        # The response whose links were last found too deep: one line in the log is enough for a page.
        self._told: Response | None = None

    def process_spider_input(self, response: Response) -> None:
        """See that callbacks find the depth of every page, and the guard of addresses where its links come from."""
        if self._notes_origin and response.request is not None:
            note_origin(response, response.request, response.meta)
        if "depth" not in response.meta:
            self._begin(response)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """The request with its depth, None when it is too deep."""
        if response is None:
            return request
        depth = self._depth_of_links(response)
        meta = request.meta
        if "depth_reset" in meta and meta.pop("depth_reset"):
            depth = 0
        meta["depth"] = depth
        if self._notes_origin and FROM_PUBLIC in response.meta:
            meta[FROM_PUBLIC] = True
        if self.prio:
            request.priority -= depth * self.prio
        if self.maxdepth and depth > self.maxdepth:
            self._ignore(request, response)
            return None
        if self.verbose_stats:
            self.stats.inc_value(f"request_depth_count/{depth}")
        self.stats.max_value("request_depth_max", depth)
        return request

    def _depth_of_links(self, response: Response) -> int:
        if "depth" not in response.meta:
            self._begin(response)
        depth: int = response.meta["depth"]
        return depth + 1

    def _begin(self, response: Response) -> None:
        """The crawl begins with this page, so nobody has counted it yet."""
        response.meta["depth"] = 0
        if self.verbose_stats:
            self.stats.inc_value("request_depth_count/0")

    def _ignore(self, request: Request, response: Response) -> None:
        self.stats.inc_value("depth/request_ignored_count")
        if self._told is response:
            return
        self._told = response
        logger.debug(
            "Ignoring link (depth > %(maxdepth)d): %(requrl)s (further ones on the same page are not named)",
            {"maxdepth": self.maxdepth, "requrl": request.url},
            extra={"spider": self.crawler.spider},
        )
