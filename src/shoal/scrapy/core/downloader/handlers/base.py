"""A base for handlers of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

__all__ = ["BaseDownloadHandler"]


class BaseDownloadHandler:
    """Knows its crawler; `download_request` is for the subclass to write."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A handler for one crawl."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch the request. Raises NotImplementedError here."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""
