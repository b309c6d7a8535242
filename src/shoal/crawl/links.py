"""Links of a page that are known already, left out before any request is made of them.

The one rule: a link is left out only where the request of it would certainly be a duplicate: the same href in the
same directory, asked for in the same way. Everything else takes the ordinary way through the scheduler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.follow import FollowAll


class LinkFilter:
    """Remembers the hrefs of each directory that have been scheduled."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    def schedule_new(self, links: FollowAll) -> None:
        """Schedule the requests of those links that are not known."""
        crawl: Any = self._crawler.engine.crawl
        for request in links:
            crawl(request)
