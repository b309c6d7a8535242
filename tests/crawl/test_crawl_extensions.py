"""Extensions: what ends a crawl, what it costs, how fast it goes, and how slow it should."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_in_memory import crawl

from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.extensions.closespider import CloseSpider
from shoal.crawl.extensions.memusage import MemoryUsage
from shoal.crawl.extensions.throttle import AutoThrottle
from shoal.crawl.looping import create_looping_call
from shoal.crawl.policy.throttle import Limits, delay_after, seconds_of
from shoal.crawl.progress import Count, Progress, line_for, seconds_left
from shoal.crawl.request import Request
from shoal.crawl.response import Response
from shoal.crawl.spider import Spider


class Endless(Spider):
    name = "endless"
    start_urls = ["http://t/0"]  # noqa: RUF012  as spiders are written
    items = True

    def parse(self, response: Any) -> Any:
        if self.items:
            yield {"url": response.url}
        yield Request(f"{response.url}0")


class Barren(Endless):
    items = False


class Failing(Endless):
    def parse(self, response: Any) -> Any:
        yield Request(f"{response.url}0")
        raise LookupError


@pytest.mark.parametrize(
    ("limit", "spider", "counted"),
    [
        ("pagecount", Endless, "response_received_count"),
        ("itemcount", Endless, "item_scraped_count"),
        ("errorcount", Failing, "spider_exceptions/count"),
        ("pagecount_no_item", Barren, "response_received_count"),
    ],
)
def test_a_crawl_ends_when_there_is_enough(limit: str, spider: type[Spider], counted: str) -> None:
    crawler = crawl(spider, {}, EXTENSIONS={CloseSpider: 1}, **{f"CLOSESPIDER_{limit.upper()}": 5})
    assert crawler.stats.get_value("finish_reason") == f"closespider_{limit}"
    assert 5 <= crawler.stats.get_value(counted) <= 7


def test_items_keep_the_count_of_pages_without_items_at_zero() -> None:
    limits = {"CLOSESPIDER_PAGECOUNT": 9, "CLOSESPIDER_PAGECOUNT_NO_ITEM": 5}
    crawler = crawl(Endless, {}, EXTENSIONS={CloseSpider: 1}, **limits)
    assert crawler.stats.get_value("finish_reason") == "closespider_pagecount"


@pytest.mark.parametrize(("limit", "seconds"), [("timeout", 0.01), ("timeout_no_item", 1)])
def test_a_crawl_ends_when_its_time_is_up(limit: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(call: Any) -> Any:
        looping = create_looping_call(call)
        start = looping.start
        looping.start = lambda _interval, now=True: start(0.01, now)  # type: ignore[method-assign]
        return looping

    monkeypatch.setattr("shoal.crawl.extensions.closespider.create_looping_call", at_once)
    crawler = crawl(Barren, {}, EXTENSIONS={CloseSpider: 1}, **{f"CLOSESPIDER_{limit.upper()}": seconds})
    assert crawler.stats.get_value("finish_reason") == f"closespider_{limit}"


def test_without_limits_nothing_listens() -> None:
    with pytest.raises(NotConfigured):
        CloseSpider(Crawler(Endless))


def test_a_crawl_ends_when_the_process_is_too_large(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        crawler = crawl(Endless, {}, EXTENSIONS={MemoryUsage: 1}, MEMUSAGE_LIMIT_MB=1)
    assert crawler.stats.get_value("finish_reason") == "memusage_exceeded"
    assert crawler.stats.get_value("memusage/max") > 2**20
    assert "Memory usage exceeded 1MiB" in caplog.text


def test_settings_that_name_what_shoal_does_not_have_do_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    names = ("telnet.TelnetConsole", "statsmailer.StatsMailer", "remote_control.RemoteControl")
    extensions = {f"scrapy.extensions.{name}": 1 for name in names}
    crawler = crawl(Endless, {}, EXTENSIONS={**extensions, CloseSpider: 2}, CLOSESPIDER_PAGECOUNT=1)
    assert crawler.stats.get_value("finish_reason") == "closespider_pagecount"
    with caplog.at_level(logging.WARNING):
        Crawler(Endless, {"EXTENSIONS": extensions, "TELNETCONSOLE_ENABLED": True})._apply_settings()
    assert "Shoal has no telnet console" in caplog.text


@pytest.mark.parametrize("setting", ["EXTENSIONS", "EXTENSIONS_BASE"])
def test_an_extension_that_is_not_there_is_an_error(setting):
    with pytest.raises(ImportError, match="nowhere"):
        Crawler(Endless, {setting: {"scrapy.extensions.nowhere.Gone": 1}})._apply_settings()


def test_the_statistics_end_with_the_rates_of_the_whole_crawl() -> None:
    extensions = {"scrapy.extensions.logstats.LogStats": 1, CloseSpider: 2}
    crawler = crawl(Endless, {}, EXTENSIONS=extensions, CLOSESPIDER_PAGECOUNT=5)
    assert crawler.stats.get_value("responses_per_minute") > 0
    assert crawler.stats.get_value("items_per_minute") > 0


SECONDS = st.floats(0, 1000)
STATUSES = st.sampled_from([200, 301, 404, 429, 500, 503])


@given(SECONDS, SECONDS, STATUSES, st.none() | SECONDS)
def test_a_delay_stays_in_its_limits_and_only_a_200_shortens_it(
    delay: float, latency: float, status: int, retry_after: float | None
) -> None:
    limits = Limits(0.5, 60.0, 2.0, frozenset({429, 503}))
    begun = min(max(delay, limits.least), limits.greatest)
    after = delay_after(begun, latency, status, limits, retry_after)
    assert limits.least <= after <= limits.greatest
    if status != 200:
        assert after >= begun
    if status in limits.rest_statuses:
        assert after >= min(limits.greatest, max(begun * 2, retry_after or 0))


def test_a_steady_server_is_asked_as_often_as_wanted() -> None:
    delay = 5.0
    for _ in range(30):
        delay = delay_after(delay, 0.4, 200, Limits(0, 60, 2.0))
    assert delay == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("header", "seconds"), [(b"120", 120.0), (b" 3 ", 3.0), (b"Fri, 31 Dec 1999 23:59:59 GMT", None), (None, None)]
)
def test_seconds_are_read_from_retry_after(header: bytes | None, seconds: float | None) -> None:
    assert seconds_of(header) == seconds


class Slot:
    def __init__(self, throttle: bool | None) -> None:
        self.delay = 1.0
        self.throttle = throttle


@pytest.mark.parametrize(("throttle", "delay"), [(None, 9.0), (False, 1.0)])
def test_a_server_that_asks_for_rest_gets_it_unless_its_slot_is_fixed(throttle: bool | None, delay: float) -> None:
    crawler = Crawler(Endless, {"AUTOTHROTTLE_ENABLED": True})
    extension = AutoThrottle(crawler)
    slot = Slot(throttle)
    downloader = type("Downloader", (), {"slots": {"t": slot}})
    crawler.engine = type("Engine", (), {"downloader": downloader})
    request = Request("http://t/", meta={"download_slot": "t", "download_latency": 0.1})
    answer = Response("http://t/", status=429, headers={"Retry-After": "9"})
    extension._response_downloaded(answer, request, None)  # type: ignore[arg-type]
    assert slot.delay == delay


def test_the_line_says_how_far_and_how_fast_and_how_long() -> None:
    assert line_for(Count(0, 0, 0, 3000), Count(10, 1200, 345, 1800)) == (
        "1,200 pages | 345 items | 1,800 waiting | 120 pages/s | about 15 s left"
    )
    assert line_for(Count(5, 7, 0, 1), Count(5, 7, 0, 1)) == "7 pages | 0 items | 1 waiting | 0.0 pages/s"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 100))
def test_nobody_guesses_the_end_of_a_queue_that_grows(before: int, now: int, seconds: float) -> None:
    left = seconds_left(Count(0, 0, 0, before), Count(seconds, 0, 0, now))
    assert (left is None) == (now >= before or seconds == 0)


def test_the_line_is_wiped_away_at_the_end() -> None:
    out = io.StringIO()

    class Shown(Progress):
        @classmethod
        def from_crawler(cls, crawler: Crawler) -> Any:
            return cls(crawler, out)

    crawl(Endless, {}, EXTENSIONS={Shown: 1, CloseSpider: 2}, CLOSESPIDER_PAGECOUNT=3)
    assert "0 pages | 0 items" in out.getvalue()
    assert out.getvalue().endswith("\r\x1b[K")


def test_where_there_is_no_terminal_there_is_no_line() -> None:
    with pytest.raises(NotConfigured):
        Progress.from_crawler(Crawler(Endless))


def test_a_call_that_fails_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise LookupError

    async def look() -> None:
        looping = create_looping_call(call)
        looping.start(0.001)
        await asyncio.sleep(0.005)
        assert not looping.running

    asyncio.run(look())
    assert calls == [1]
    assert "Error calling" in caplog.text
