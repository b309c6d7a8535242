"""Crawls from a program of one's own: `run` gives all items at the end, `stream` gives each as it comes.

The one rule: nothing outside the crawl is touched, neither logging nor signals nor the loop, so this works in scripts,
in threads, in notebooks and any number of times.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.components import load_object
from shoal.crawl.crawler import Crawler
from shoal.crawl.loops import finish, new_loop
from shoal.crawl.shutdown import give_up_requests
from shoal.crawl.verdict import judge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from shoal.crawl.spider import Spider

SECONDS_TO_CLOSE = 5.0
"""How long files may take to be completed when requests on their way have been given up."""


class CrawlResult:
    """What a crawl gave: `items` in the order they came, `stats` by name, and `reason`, `finished` when all went well.

    It is true unless nothing has worked: no download, or no callback; `problem` says so in words.
    """

    __slots__ = ("items", "problem", "reason", "stats")

    def __init__(self, items: list[Any], stats: dict[str, Any]) -> None:
        self.items = items
        self.stats = stats
        self.reason: str = stats.get("finish_reason", "")
        self.problem = judge(stats)[1]

    def __bool__(self) -> bool:
        return not self.problem

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.reason!r}: {len(self.items)} items>"


def run(spider: type[Spider] | str, settings: Mapping[str, Any] | None = None, **arguments: Any) -> CrawlResult:
    """Crawl to the end. `spider` is a class or its dotted path, `arguments` are the spider's.

    Where a loop is running already (a notebook), the crawl runs in a thread, for which this waits. Raises what keeps
    the crawl from beginning; KeyboardInterrupt ends it at once.
    """
    crawler = Crawler(load_object(spider), dict(settings or {}))
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(crawler, arguments)
    return _in_thread(crawler, arguments)


def _run(crawler: Crawler, arguments: dict[str, Any]) -> CrawlResult:
    items: list[Any] = []

    def keep(item: Any) -> None:
        items.append(item)

    crawler.signals.connect(keep, signals.item_scraped)
    loop = new_loop(crawler.settings)
    try:
        loop.run_until_complete(crawler.crawl_async(**arguments))
    finally:
        finish(loop)
    return CrawlResult(items, crawler.stats.get_stats())


def _in_thread(crawler: Crawler, arguments: dict[str, Any]) -> CrawlResult:
    outcome: list[CrawlResult | BaseException] = []

    def work() -> None:
        try:
            outcome.append(_run(crawler, arguments))
        except BaseException as problem:
            outcome.append(problem)

    thread = threading.Thread(target=work, name="crawl")
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


async def stream(
    spider: type[Spider] | str, settings: Mapping[str, Any] | None = None, *, ahead: int = 100, **arguments: Any
) -> AsyncGenerator[Any, None]:
    """The items, each as it comes out of the pipelines; the crawl waits while `ahead` of them are not yet taken.

    Ending the iteration early (`aclose`) ends the crawl in good order. Raises what keeps the crawl from beginning.
    """
    crawler = Crawler(load_object(spider), dict(settings or {}))
    waiting: asyncio.Queue[Any] = asyncio.Queue(ahead)
    end = object()

    def opened() -> None:
        crawler.engine.scraper.hand_items_to(waiting.put)

    async def crawl() -> None:
        try:
            await crawler.crawl_async(**arguments)
        finally:
            await waiting.put(end)

    crawler.signals.connect(opened, signals.spider_opened)
    crawling = asyncio.ensure_future(crawl())
    try:
        while (item := await waiting.get()) is not end:
            yield item
    finally:
        await _end(crawler, crawling, waiting)


async def _end(crawler: Crawler, crawling: asyncio.Future[None], waiting: asyncio.Queue[Any]) -> None:
    """Wait for the end, which is asked for when the crawl still runs; its last items are let go.

    To cancel this is what a second Ctrl-C is to a program: requests that are on their way are given up.
    """
    ending = asyncio.gather(crawling, crawler.stop_async())
    taking = asyncio.ensure_future(_let_go(waiting))
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        give_up_requests(crawler)
        await asyncio.wait_for(ending, SECONDS_TO_CLOSE)
        raise
    finally:
        taking.cancel()


async def _let_go(waiting: asyncio.Queue[Any]) -> None:
    while True:
        await waiting.get()
