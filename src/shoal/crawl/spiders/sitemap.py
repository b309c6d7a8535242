"""A spider that finds its pages in sitemaps (sitemaps.org).

The one rule: a sitemap that cannot be read is told of and left out; the others are still read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from shoal.crawl.gunzip import DecompressedTooLargeError, gunzip, is_gzip
from shoal.crawl.request import Request
from shoal.crawl.response import XmlResponse
from shoal.crawl.sitemap import Sitemap, sitemaps_in_robots
from shoal.crawl.spider import Spider

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.response_base import Response

logger = logging.getLogger("scrapy.spiders.sitemap")


def locations(entries: Iterable[dict[str, Any]], alternate: bool = False) -> Iterator[str]:
    """The URLs of the entries, with those of their translations if wanted. An entry without a URL is left out."""
    for entry in entries:
        if entry.get("loc"):
            yield entry["loc"]
        if alternate:
            yield from entry.get("alternate", ())


class SitemapSpider(Spider):
    """Begins with `sitemap_urls`, of sitemaps, of indexes of sitemaps, or of robots.txt.

    `sitemap_rules`: pairs of a regular expression and a callback; the first that is found in a URL gets its page.
    `sitemap_follow`: regular expressions of the sitemaps in indexes to read. `sitemap_alternate_links`: also the pages'
    translations. `sitemap_filter(entries)` may be overridden to choose by date and the like.
    """

    sitemap_urls: Sequence[str] = ()
    sitemap_rules: Sequence[tuple[re.Pattern[str] | str, str | Callable[..., Any]]] = [("", "parse")]
    sitemap_follow: Sequence[re.Pattern[str] | str] = [""]
    sitemap_alternate_links: bool = False
    # The limits of a sitemap that is compressed, in bytes of what it holds; 0: none.
    _max_size = 1024 * 1024 * 1024
    _warn_size = 32 * 1024 * 1024

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider for `crawler`, with the sizes of its settings."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._max_size = getattr(spider, "download_maxsize", spider.settings.getint("DOWNLOAD_MAXSIZE"))
        spider._warn_size = getattr(spider, "download_warnsize", spider.settings.getint("DOWNLOAD_WARNSIZE"))
        return spider

    def start_requests(self) -> Iterable[Any]:
        """A request for each of `sitemap_urls`."""
        for url in self.sitemap_urls:
            yield Request(url, self._parse_sitemap)

    def sitemap_filter(self, entries: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        """The entries to use: all of them unless overridden."""
        yield from entries

    def _parse_sitemap(self, response: Response) -> Iterator[Request]:
        if response.url.endswith("/robots.txt"):
            for url in sitemaps_in_robots(response.body, base_url=response.url):
                if "\ufffd" not in url:  # bytes that are no UTF-8 name no page
                    yield Request(url, callback=self._parse_sitemap)
            return
        body = self._get_sitemap_body(response)
        if not body:
            logger.warning("Ignoring invalid sitemap: %(response)s", {"response": response}, extra={"spider": self})
            return
        sitemap = Sitemap(body)
        entries = self.sitemap_filter(sitemap)
        if sitemap.type == "sitemapindex":
            yield from self._sitemap_requests(entries)
        elif sitemap.type == "urlset":
            yield from self._page_requests(entries)

    def _sitemap_requests(self, entries: Iterable[dict[str, Any]]) -> Iterator[Request]:
        wanted = [re.compile(expression) for expression in self.sitemap_follow]
        for url in locations(entries, self.sitemap_alternate_links):
            if any(expression.search(url) for expression in wanted):
                yield Request(url, callback=self._parse_sitemap)

    def _page_requests(self, entries: Iterable[dict[str, Any]]) -> Iterator[Request]:
        rules = [(re.compile(expression), self._callback_of(name)) for expression, name in self.sitemap_rules]
        for url in locations(entries, self.sitemap_alternate_links):
            callback = next((callback for expression, callback in rules if expression.search(url)), None)
            if callback is not None:
                yield Request(url, callback=callback)

    def _callback_of(self, name: str | Callable[..., Any]) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self, name) if isinstance(name, str) else name
        return found

    def _get_sitemap_body(self, response: Response) -> bytes | None:
        """The sitemap in the response, opened if compressed; None when there is none, or one too large."""
        if isinstance(response, XmlResponse):
            return response.body
        if is_gzip(response.body):
            return self._gunzipped(response)
        # A server, or our own decompression, may have opened it already.
        return response.body if response.url.endswith((".xml", ".xml.gz")) else None

    def _gunzipped(self, response: Response) -> bytes | None:
        max_size = response.meta.get("download_maxsize", self._max_size)
        warn_size = response.meta.get("download_warnsize", self._warn_size)
        try:
            body = gunzip(response.body, max_size=max_size)
        except DecompressedTooLargeError:
            return None
        if warn_size and len(response.body) < warn_size <= len(body):
            logger.warning(
                f"{response} body size after decompression ({len(body)} B) is larger than the download warning size "
                f"({warn_size} B)."
            )
        return body
