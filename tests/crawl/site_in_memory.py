"""A downloader that answers from a dict of pages, and what else the engine's tests have in common."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar

from shoal.crawl.crawler import Crawler
from shoal.crawl.loops import new_loop
from shoal.crawl.response import HtmlResponse, TextResponse
from shoal.crawl.settings import Settings
from shoal.crawl.spider import Spider

# The first loop of libuv opens a pipe that stays for the life of the process: no test is to be blamed for it.
new_loop(Settings()).close()


class SiteInMemory:
    """Takes one round of the loop for each page; a page that is an exception is raised."""

    pages: ClassVar[dict[str, Any]] = {}
    most_at_once = 0
    fetched: ClassVar[Counter[str]] = Counter()

    def __init__(self, crawler: Any) -> None:
        self.active: set[Any] = set()
        self.slots: dict[str, Any] = {}
        self.total_concurrency = crawler.settings.getint("CONCURRENT_REQUESTS")
        type(self).most_at_once = 0
        type(self).fetched.clear()

    def needs_backout(self) -> bool:
        return len(self.active) >= self.total_concurrency

    async def fetch(self, request: Any) -> Any:
        self.active.add(request)
        kind = type(self)
        kind.most_at_once = max(kind.most_at_once, len(self.active))
        kind.fetched[request.url] += 1
        try:
            await asyncio.sleep(0)
            page = kind.pages.get(request.url, "")
            if isinstance(page, Exception):
                raise page
            response = TextResponse if request.url.startswith("data:") else HtmlResponse
            return response(request.url, body=page, encoding="utf-8")
        finally:
            self.active.discard(request)

    def close(self) -> None:
        pass


def settings_of(pages: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Settings for a crawl of these pages without any middlewares."""
    site = type("Site", (SiteInMemory,), {"pages": pages or {}, "fetched": Counter()})
    return {
        "DOWNLOADER": site,
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue",
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {"scrapy.extensions.corestats.CoreStats": 0},
        **more,
    }


def crawl(spider: type[Spider], pages: dict[str, Any] | None = None, **more: Any) -> Crawler:
    """The crawler after its crawl."""
    crawler = Crawler(spider, settings_of(pages, **more))
    asyncio.run(crawler.crawl_async())
    return crawler
