"""What callbacks of every kind give, what becomes of it, and that slow pipelines slow the downloads."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, ClassVar

import pytest
from site_in_memory import crawl, settings_of

from shoal.crawl import run, signals
from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import DropItem
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider

PAGES = {f"http://t/{number}": f"<p>{number}</p>" for number in range(30)}


class One(Spider):
    name = "one"
    start_urls = ["http://t/1"]  # noqa: RUF012  as spiders are written


class Plain(One):
    def parse(self, response: Any) -> Any:
        return {"url": response.url}


class Listing(One):
    def parse(self, response: Any) -> Any:
        return [{"url": response.url}]


class Generator(One):
    def parse(self, response: Any) -> Any:
        yield {"url": response.url}
        yield None


class Coroutine(One):
    async def parse(self, response: Any) -> Any:
        await asyncio.sleep(0)
        return [{"url": response.url}]


class AsyncGenerator(One):
    async def parse(self, response: Any) -> Any:
        await asyncio.sleep(0)
        yield {"url": response.url}


class Nothing(One):
    def parse(self, response: Any) -> Any:
        return None


@pytest.mark.parametrize("spider", [Plain, Listing, Generator, Coroutine, AsyncGenerator])
def test_callbacks_of_every_kind_give_items(spider: type[Spider]) -> None:
    assert run(spider, settings_of(PAGES)).items == [{"url": "http://t/1"}]


def test_a_callback_may_give_nothing() -> None:
    result = run(Nothing, settings_of(PAGES))
    assert result.items == []
    assert result.reason == "finished"


class Errback(One):
    async def start(self) -> Any:
        yield Request("http://t/1", errback=self.failed)

    def failed(self, failure: Any) -> Any:
        yield {"failed": failure.request.url, "why": str(failure.value)}


def test_an_errback_gets_the_failure_with_its_request_and_may_give_items() -> None:
    result = run(Errback, settings_of({"http://t/1": ConnectionError("gone")}))
    assert result.items == [{"failed": "http://t/1", "why": "gone"}]


def test_a_failure_nobody_takes_is_logged_with_its_request(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        run(Plain, settings_of({"http://t/1": ConnectionError("gone")}))
    assert "Error downloading <GET http://t/1>: gone" in caplog.text


def test_items_before_an_exception_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    class Half(One):
        def parse(self, response: Any) -> Any:
            yield {"first": True}
            raise LookupError("second")

    with caplog.at_level(logging.CRITICAL):
        crawler = crawl(Half, PAGES)
    assert crawler.stats.get_value("item_scraped_count") == 1
    assert crawler.stats.get_value("spider_exceptions/LookupError") == 1


class Gate:
    """A pipeline that lets nothing through until it is told to, and knows how many wait."""

    waiting = 0
    most = 0
    most_fetched = 0
    opened: ClassVar[asyncio.Event]

    def __init__(self) -> None:
        type(self).waiting = type(self).most = 0
        type(self).opened = asyncio.Event()

    async def process_item(self, item: Any) -> Any:
        kind = type(self)
        kind.waiting += 1
        kind.most = max(kind.most, kind.waiting)
        await kind.opened.wait()
        kind.waiting -= 1
        return item


class Many(Spider):
    name = "many"

    async def start(self) -> Any:
        for number in range(1000):
            yield Request(f"http://t/{number}")

    def parse(self, response: Any) -> Any:
        yield {"url": response.url}


def test_slow_pipelines_stop_the_downloads() -> None:
    crawler = Crawler(Many, settings_of(PAGES, ITEM_PIPELINES={Gate: 1}, CONCURRENT_ITEMS=10, CONCURRENT_REQUESTS=4))
    fetched: list[int] = []

    async def main() -> None:
        crawling = asyncio.ensure_future(crawler.crawl_async())
        for _ in range(200):
            await asyncio.sleep(0)
        fetched.append(crawler.stats.get_value("response_received_count"))
        Gate.opened.set()
        await crawling

    asyncio.run(main())
    assert fetched[0] <= 10 + 2 * 4
    assert crawler.stats.get_value("item_scraped_count") == 1000


def test_of_one_response_only_so_many_items_are_on_their_way() -> None:
    class Wide(One):
        def parse(self, response: Any) -> Any:
            for number in range(50):
                yield {"number": number}

    crawler = Crawler(Wide, settings_of(PAGES, ITEM_PIPELINES={Gate: 1}, CONCURRENT_ITEMS=7))

    async def main() -> None:
        crawling = asyncio.ensure_future(crawler.crawl_async())
        for _ in range(100):
            await asyncio.sleep(0)
        Gate.opened.set()
        await crawling

    asyncio.run(main())
    assert Gate.most == 7
    assert crawler.stats.get_value("item_scraped_count") == 50


class Odd:
    """Drops what is odd and fails on a third."""

    def process_item(self, item: Any) -> Any:
        if item["number"] % 2:
            raise DropItem("odd")
        if item["number"] % 3 == 0:
            raise ValueError("a third")
        return item


def test_what_pipelines_drop_or_fail_on_is_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    class Six(One):
        def parse(self, response: Any) -> Any:
            for number in range(6):
                yield {"number": number}

    crawler = Crawler(Six, settings_of(PAGES, ITEM_PIPELINES={Odd: 1}))
    told: list[tuple[str, int]] = []

    async def scraped(item: Any) -> None:
        await asyncio.sleep(0)
        told.append(("scraped", item["number"]))

    def dropped(item: Any, exception: Exception) -> None:
        told.append((str(exception), item["number"]))

    def failed(item: Any, failure: Any) -> None:
        told.append((failure.getErrorMessage(), item["number"]))

    for call, signal in (
        (scraped, signals.item_scraped),
        (dropped, signals.item_dropped),
        (failed, signals.item_error),
    ):
        crawler.signals.connect(call, signal)
    with caplog.at_level(logging.CRITICAL):
        asyncio.run(crawler.crawl_async())
    assert sorted(told) == [("a third", 0), ("odd", 1), ("odd", 3), ("odd", 5), ("scraped", 2), ("scraped", 4)]


def test_a_callback_that_gives_much_lets_others_have_their_turn() -> None:
    class Much(One):
        beats = 0

        def parse(self, response: Any) -> Any:
            asyncio.get_running_loop().call_soon(self.beat)
            while not self.beats:
                yield {"still": "going"}

        def beat(self) -> None:
            self.beats += 1

    result = run(Much, settings_of(PAGES))
    assert result.reason == "finished"
