"""The engine: where a crawl begins and ends, and why."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest
from site_in_memory import SiteInMemory, crawl, settings_of

from shoal.crawl import run, signals, stream
from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import CloseSpider, DontCloseSpider
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider

PAGES = {f"http://t/{number}": f"<p>{number}</p>" for number in range(10)}


class Ten(Spider):
    name = "ten"
    start_urls = [*PAGES]  # noqa: RUF012  as spiders are written

    def parse(self, response: Any) -> Any:
        yield {"number": int(response.css("p::text").get())}


def test_every_page_gives_its_item_and_the_crawl_is_finished() -> None:
    result = run(Ten, settings_of(PAGES))
    assert sorted(item["number"] for item in result.items) == list(range(10))
    assert result.reason == "finished"
    assert result


def test_crawls_run_one_after_the_other_in_one_process_and_in_threads() -> None:
    counts: list[int] = []
    for _ in range(3):
        counts.append(len(run(Ten, settings_of(PAGES)).items))
    threads = [threading.Thread(target=lambda: counts.append(len(run(Ten, settings_of(PAGES)).items))) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [10] * 5


def test_two_crawls_share_a_loop() -> None:
    async def both() -> list[Any]:
        crawlers = [Crawler(Ten, settings_of(PAGES)) for _ in "ab"]
        await asyncio.gather(*(crawler.crawl_async() for crawler in crawlers))
        return [crawler.stats.get_value("item_scraped_count") for crawler in crawlers]

    assert asyncio.run(both()) == [10, 10]


def test_run_works_where_a_loop_is_running() -> None:
    async def notebook() -> int:
        return len(run(Ten, settings_of(PAGES)).items)

    assert asyncio.run(notebook()) == 10


def test_a_stream_gives_items_as_they_come() -> None:
    async def all_of_them() -> list[int]:
        return [item["number"] async for item in stream(Ten, settings_of(PAGES))]

    assert sorted(asyncio.run(all_of_them())) == list(range(10))


def test_a_stream_that_is_left_early_ends_its_crawl() -> None:
    class Endless(Spider):
        name = "endless"

        async def start(self) -> Any:
            number = 0
            while True:
                number += 1
                yield Request(f"http://t/{number}")

        def parse(self, response: Any) -> Any:
            yield {"url": response.url}

    async def some() -> int:
        items = stream(Endless, settings_of(), ahead=2)
        taken = 0
        async for _ in items:
            taken += 1
            if taken == 5:
                break
        await items.aclose()  # type: ignore[attr-defined]
        return taken

    assert asyncio.run(asyncio.wait_for(some(), 10)) == 5


def test_a_stream_raises_what_keeps_the_crawl_from_beginning() -> None:
    class Broken(Spider):
        name = "broken"

        def __init__(self) -> None:
            raise LookupError("no list of sites")

    async def take() -> None:
        async for _ in stream(Broken, settings_of()):
            pass

    with pytest.raises(LookupError, match="no list of sites"):
        asyncio.run(take())


def test_no_more_requests_are_on_their_way_than_allowed() -> None:
    class Counting(SiteInMemory):
        pages = PAGES

    run(Ten, settings_of(PAGES, DOWNLOADER=Counting, CONCURRENT_REQUESTS=3))
    assert Counting.most_at_once == 3


def test_a_spider_that_raises_closespider_gives_the_reason() -> None:
    class Enough(Ten):
        def parse(self, response: Any) -> Any:
            yield {"url": response.url}
            raise CloseSpider("enough")

    crawler = crawl(Enough, PAGES, CONCURRENT_REQUESTS=1)
    assert crawler.stats.get_value("finish_reason") == "enough"
    # Two more requests were on their way or in its hands by then.
    assert crawler.stats.get_value("item_scraped_count") <= 3
    assert crawler.stats.get_value("spider_exceptions/count") is None


def test_an_idle_handler_keeps_the_spider_open_until_it_has_no_more() -> None:
    left = [Request(f"http://t/{number}") for number in range(5)]
    crawler = Crawler(type("Quiet", (Ten,), {"start_urls": []}), settings_of(PAGES))

    def idle() -> None:
        if left:
            crawler.engine.crawl(left.pop())
            raise DontCloseSpider

    crawler.signals.connect(idle, signals.spider_idle)
    asyncio.run(crawler.crawl_async())
    assert crawler.stats.get_value("item_scraped_count") == 5
    assert crawler.stats.get_value("finish_reason") == "finished"


def test_a_spider_closes_its_own_crawl_the_old_way() -> None:
    class Old(Ten):
        def parse(self, response: Any) -> None:
            self.crawler.engine.close_spider(self, "done")

    with pytest.warns(match="close_spider_async"):
        crawler = crawl(Old, PAGES)
    assert crawler.stats.get_value("finish_reason") == "done"


def test_an_endless_start_is_read_little_by_little_and_timers_run() -> None:
    class Endless(Spider):
        name = "endless"
        given = 0

        async def start(self) -> Any:
            while True:
                self.given += 1
                yield Request(f"http://t/{self.given}")

        def parse(self, response: Any) -> None:
            pass

    crawler = Crawler(Endless, settings_of())
    seen: list[int] = []

    async def main() -> None:
        def look() -> None:
            engine = crawler.engine
            seen.append(len(engine._slot.scheduler))
            if len(seen) < 20:
                asyncio.get_running_loop().call_soon(look)
            else:
                engine._hold(engine.close_spider_async(reason="seen enough"))

        crawler.signals.connect(lambda: asyncio.get_running_loop().call_soon(look), signals.engine_started)
        crawler.signals.connect(look, signals.engine_started)
        await crawler.crawl_async()

    asyncio.run(asyncio.wait_for(main(), 20))
    assert max(seen) <= 101
    assert crawler.stats.get_value("finish_reason") == "seen enough"


def test_what_start_gave_before_it_failed_is_crawled(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Ten):
        async def start(self) -> Any:
            yield Request("http://t/1")
            yield {"number": "an item of start()"}
            raise LookupError("the list ends here")

    with caplog.at_level(logging.ERROR):
        crawler = crawl(Failing, PAGES)
    assert crawler.stats.get_value("item_scraped_count") == 2
    assert crawler.stats.get_value("finish_reason") == "start_error"
    assert "the list ends here" in caplog.text


def test_all_callbacks_failing_is_no_success(caplog: pytest.LogCaptureFixture) -> None:
    class Wrong(Ten):
        def parse(self, response: Any) -> Any:
            raise ValueError("the page has changed")

    with caplog.at_level(logging.CRITICAL):
        result = run(Wrong, settings_of(PAGES))
    assert not result
    assert "every callback has failed" in result.problem


def test_a_paused_engine_sends_nothing_until_it_goes_on() -> None:
    crawler = Crawler(Ten, settings_of(PAGES))
    before: list[int] = []

    def started() -> None:
        crawler.engine.pause()
        asyncio.get_running_loop().call_later(0.01, go_on)

    def go_on() -> None:
        before.append(crawler.stats.get_value("response_received_count", 0))
        crawler.engine.unpause()

    crawler.signals.connect(started, signals.engine_started)
    asyncio.run(crawler.crawl_async())
    assert before == [0]
    assert crawler.stats.get_value("response_received_count") == 10


def test_stopping_waits_for_what_is_on_its_way() -> None:
    crawler = Crawler(Ten, settings_of(PAGES, CONCURRENT_REQUESTS=2))

    async def main() -> None:
        crawler.signals.connect(lambda: crawler.engine._hold(crawler.stop_async()), signals.response_received)
        await crawler.crawl_async()

    asyncio.run(main())
    assert crawler.stats.get_value("finish_reason") == "shutdown"
    assert crawler.stats.get_value("item_scraped_count") == crawler.stats.get_value("response_received_count") <= 4
