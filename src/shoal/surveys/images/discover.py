"""The discover role of the image survey: pages in, addresses of pictures out.

The one rule: every page is asked for once, and a page that cannot be read is a failure with a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from shoal.crawl.request import Request
from shoal.crawl.response import TextResponse
from shoal.crawl.spider import Spider
from shoal.surveys.credentials import Credentials, headers_for
from shoal.surveys.images.pages import pages, pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from shoal.crawl.failure import Failure
    from shoal.crawl.response_base import Response


class PageSpider(Spider):
    """Gives {"address", "found_on"} for pictures, and for each page {"page", "status", "why", "pictures", "planned"};
    `why` is "" when all is well, `planned` the pages that are known of by then. Pages beyond `most` are left out.
    """

    name = "images-discover"
    custom_settings: ClassVar[dict[str, Any] | None] = {  # type: ignore[misc]
        "ROBOTSTXT_OBEY": True,
        "HTTPERROR_ALLOW_ALL": True,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",
        "DOWNLOAD_MAXSIZE": 32 * 1024 * 1024,
    }

    first: list[str]
    most: int
    credentials: Credentials | None

    async def start(self) -> AsyncIterator[Any]:
        """The pages to begin with."""
        self._known: set[str] = set()
        self.left_out: set[str] = set()
        for request in self._ask(self.first):
            yield request

    def _ask(self, urls: list[str]) -> Iterator[Request]:
        for url in urls:
            if url in self._known:
                continue
            if len(self._known) >= self.most:
                self.left_out.add(url)
                continue
            self._known.add(url)
            headers = headers_for(url, self.credentials)
            yield Request(url, callback=self.parse, errback=self.failed, headers=headers)

    def parse(self, response: Response, **_arguments: Any) -> Iterator[Any]:
        """Pictures, a report, and more pages."""
        if response.status != 200 or not isinstance(response, TextResponse):
            why = f"status {response.status}" if response.status != 200 else "not a page of text"
            yield self._report(response.url, response.status, why)
            return
        found = pictures(response.selector, response.url)
        yield from ({"address": address, "found_on": response.url} for address in found)
        yield from self._ask(pages(response.selector, response.url))
        yield self._report(response.url, 200, "", len(found))

    def failed(self, failure: Failure) -> Iterator[Any]:
        """No answer at all, and the crawler has tried again."""
        request: Any = failure.request
        yield self._report(request.url, 0, " ".join(str(failure.value).split()) or type(failure.value).__name__)

    def _report(self, url: str, status: int, why: str, count: int = 0) -> dict[str, Any]:
        known = {"planned": len(self._known), "left_out": len(self.left_out)}
        return {"page": url, "status": status, "why": why[:300], "pictures": count, **known}
