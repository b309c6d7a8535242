"""The spider middlewares that every crawl has: depth, length, referrer, marks of the start, copied meta."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_in_memory import crawl

from shoal.crawl import signals
from shoal.crawl.components import load_object
from shoal.crawl.crawler import Crawler
from shoal.crawl.default_components import SPIDER_MIDDLEWARES_BASE
from shoal.crawl.middleware.depth import DepthMiddleware
from shoal.crawl.middleware.metacopy import MetaCopyDetectionMiddleware
from shoal.crawl.middleware.referer import RefererMiddleware
from shoal.crawl.policy.referrer import STANDARD_POLICIES, named_policy
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse
from shoal.crawl.spider import Spider


class Everywhere(Spider):
    name = "everywhere"
    start_urls = ["http://t/0"]  # noqa: RUF012  as spiders are written

    def parse(self, response: Any) -> Any:
        yield {"url": response.url, "referer": response.request.headers.get("Referer"), **response.meta}
        yield from response.follow_all(css="a")


# A path of five pages, each with a link on and a link back to the first.
PAGES = {f"http://t/{n}": f"<a href=/{n + 1}></a><a href=/0></a>" for n in range(5)}


def items_of(**more: Any) -> tuple[dict[str, dict[str, Any]], Crawler]:
    seen: dict[str, dict[str, Any]] = {}

    class Keeps:
        @classmethod
        def from_crawler(cls, crawler: Crawler) -> Any:
            kept = cls()
            crawler.signals.connect(kept.keep, signal=signals.item_scraped)
            return kept

        def keep(self, item: Any) -> None:
            # The first page is fetched twice: requests of the start are not remembered, as in Scrapy.
            seen.setdefault(item["url"], item)

    base = {"SPIDER_MIDDLEWARES_BASE": SPIDER_MIDDLEWARES_BASE, "EXTENSIONS": {Keeps: 0}}
    crawler = crawl(Everywhere, PAGES, **base, **more)
    return seen, crawler


def test_depth_counts_links_and_its_limit_ends_the_path() -> None:
    seen, crawler = items_of(DEPTH_LIMIT=2, DEPTH_STATS_VERBOSE=True)
    assert {url: item["depth"] for url, item in seen.items()} == {f"http://t/{n}": n for n in range(3)}
    assert crawler.stats.get_value("request_depth_max") == 2
    assert crawler.stats.get_value("depth/request_ignored_count") >= 1
    assert crawler.stats.get_value("request_depth_count/0") == 1


def test_only_what_the_crawl_begins_with_is_marked_as_its_start() -> None:
    seen, _ = items_of()
    assert [url for url, item in seen.items() if item.get("is_start_request")] == ["http://t/0"]


def test_requests_say_which_page_their_link_was_on() -> None:
    seen, _ = items_of()
    assert seen["http://t/0"]["referer"] is None
    assert seen["http://t/3"]["referer"] == b"http://t/2"


def test_urls_over_the_limit_are_not_requested() -> None:
    seen, crawler = items_of(URLLENGTH_LIMIT=len("http://t/0") - 1)
    assert seen == {}
    assert crawler.stats.get_value("urllength/request_ignored_count") == 1


def made(kind: Any, **settings: Any) -> Any:
    crawler = Crawler(Everywhere, {"EXTENSIONS_BASE": {}, **settings})
    crawler._apply_settings()
    return kind.from_crawler(crawler)


def response_of(url: str = "http://t/", **meta: Any) -> HtmlResponse:
    return HtmlResponse(url, request=Request(url, meta=meta))


def test_depth_reset_begins_anew() -> None:
    request = made(DepthMiddleware).get_processed_request(
        Request("http://t/1", meta={"depth_reset": True}), response_of(depth=7)
    )
    assert request.meta == {"depth": 0}


@given(depth=st.integers(0, 100), priority=st.integers(-5, 5), step=st.integers(-3, 3))
def test_each_level_costs_depth_priority(depth: int, priority: int, step: int) -> None:
    request = made(DepthMiddleware, DEPTH_PRIORITY=step).get_processed_request(
        Request("http://t/1", priority=priority), response_of(depth=depth)
    )
    assert request.priority == priority - (depth + 1) * step


def test_one_page_with_links_too_deep_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    middleware = made(DepthMiddleware, DEPTH_LIMIT=1)
    with caplog.at_level(logging.DEBUG, "scrapy.spidermiddlewares.depth"):
        for page in (response_of(depth=1), response_of(depth=1)):
            for number in range(3):
                assert middleware.get_processed_request(Request(f"http://t/{number}"), page) is None
    assert len(caplog.records) == 2


def test_a_copied_retry_count_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    middleware = made(MetaCopyDetectionMiddleware)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            middleware.get_processed_request(Request("http://t/1", meta={"retry_times": 1, "mine": 2}), response_of())
    assert [record.args["keys"] for record in caplog.records] == ["retry_times"]  # type: ignore[index,call-overload]


URLS = st.sampled_from(
    [
        "https://user:secret@a.test:443/page?q=1#part",
        "http://a.test/page",
        "https://a.test/other",
        "https://b.test:8443/",
        "file:///home/me/page.html",
        "data:,x",
    ]
)


@given(st.sampled_from(sorted(STANDARD_POLICIES)), URLS, URLS)
def test_no_policy_tells_secrets_fragments_or_local_files(name: str, page: str, target: str) -> None:
    told = STANDARD_POLICIES[name]().referrer(page, target) or ""
    assert "secret" not in told
    assert "#" not in told
    assert not told.startswith(("file:", "data:"))


@given(URLS)
def test_only_unsafe_policies_tell_a_tls_page_to_a_server_without(page: str) -> None:
    if page.startswith("https:"):
        telling = {
            name for name, policy in STANDARD_POLICIES.items() if policy().referrer(page, "http://c.test/") is not None
        }
        assert telling == {"origin", "origin-when-cross-origin", "unsafe-url"}


def test_of_several_policies_the_last_that_is_known_counts() -> None:
    found = named_policy("no-referrer, strict-origin ,not-yet-invented", STANDARD_POLICIES)
    assert found is STANDARD_POLICIES["strict-origin"]
    assert named_policy("not-yet-invented", STANDARD_POLICIES) is None


def test_a_referer_that_the_spider_gave_is_left_alone() -> None:
    request = Request("http://t/1", headers={"Referer": "http://mine/"})
    assert made(RefererMiddleware).get_processed_request(request, response_of()).headers["Referer"] == b"http://mine/"


def test_the_offsite_middleware_of_old_still_filters_and_can_be_extended() -> None:
    offsite = load_object("scrapy.spidermiddlewares.offsite.OffsiteMiddleware")

    class Lenient(offsite):  # type: ignore[valid-type,misc]
        def should_follow(self, request: Any, spider: Any) -> bool:
            return "friend" in request.url or super().should_follow(request, spider)

    class AtHome(Everywhere):
        allowed_domains = ["t"]  # noqa: RUF012  as spiders are written

    pages = {"http://t/0": "<a href=http://friend/></a><a href=http://other/></a><a href=/1></a>"}
    crawler = crawl(AtHome, pages, SPIDER_MIDDLEWARES={Lenient: 500}, DOWNLOADER_MIDDLEWARES_BASE={})
    assert set(crawler.engine.downloader.fetched) == {"http://t/0", "http://t/1", "http://friend/"}
    assert crawler.stats.get_value("offsite/filtered") == 1
