"""Links that are known cost no request; and leaving them out changes nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_in_memory import crawl, settings_of

from shoal.crawl import response_base, run, signals
from shoal.crawl.crawler import Crawler
from shoal.crawl.loops import finish, new_loop
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider

LINKS = "".join(f'<a href="{number}">x</a><a href="/d/{number}">x</a>' for number in range(20))
PAGES = {f"http://t/d/{number}": LINKS for number in range(20)}


class AsObject(Spider):
    name = "as-object"
    start_urls = ["http://t/d/0"]  # noqa: RUF012  as spiders are written

    def parse(self, response: Any) -> Any:
        yield {"url": response.url}
        yield response.follow_all(css="a::attr(href)", callback=self.parse)


class Delegating(AsObject):
    def parse(self, response: Any) -> Any:
        yield {"url": response.url}
        yield from response.follow_all(css="a::attr(href)", callback=self.parse)
        yield {"end": response.url}


class Nested(AsObject):
    def parse(self, response: Any) -> Any:
        yield from self.links(response)
        yield {"url": response.url}

    def links(self, response: Any) -> Any:
        yield from response.follow_all(css="a::attr(href)", callback=self.parse)


class Returning(AsObject):
    def parse(self, response: Any) -> Any:
        return response.follow_all(css="a::attr(href)", callback=self.parse)


class Listing(AsObject):
    def parse(self, response: Any) -> Any:
        return [{"url": response.url}, *response.follow_all(css="a::attr(href)", callback=self.parse)]


class Counting(Request):
    made = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        type(self).made += 1
        super().__init__(*args, **kwargs)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    """Counts the requests that responses make of links."""
    monkeypatch.setattr(response_base, "Request", Counting)
    Counting.made = 0
    return Counting


@pytest.mark.parametrize("spider", [AsObject, Delegating, Nested, Returning, Listing])
def test_every_page_is_fetched_once_however_links_are_followed(spider: type[Spider]) -> None:
    crawler = crawl(spider, PAGES)
    # The first page has no `dont_filter` mark of being seen: it is fetched again when a link leads to it.
    assert crawler.stats.get_value("response_received_count") == 21


def test_a_page_of_known_links_makes_no_request(counting: type[Counting]) -> None:
    crawl(AsObject, PAGES)
    # 20 pages, to which two kinds of hrefs lead: one request each, whatever leads there.
    assert counting.made == 20


def test_a_yield_from_makes_one_request_for_a_page_of_known_links(counting: type[Counting]) -> None:
    crawl(Delegating, PAGES)
    assert counting.made <= 40 + 21


def test_duplicates_are_counted_as_if_each_had_been_a_request() -> None:
    counts = {
        spider: crawl(spider, PAGES).stats.get_value("dupefilter/filtered")
        for spider in (Listing, AsObject, Delegating)
    }
    assert len(set(counts.values())) == 1


def test_whoever_listens_for_scheduled_requests_hears_of_every_one() -> None:
    crawler = Crawler(AsObject, settings_of(PAGES))
    heard: list[str] = []

    def scheduled(request: Request) -> None:
        heard.append(request.url)

    crawler.signals.connect(scheduled, signals.request_scheduled)
    loop = new_loop(crawler.settings)
    loop.run_until_complete(crawler.crawl_async())
    finish(loop)
    assert len(heard) == 1 + 21 * 40


def test_links_asked_for_with_dont_filter_are_not_left_out() -> None:
    class Again(AsObject):
        def parse(self, response: Any) -> Any:
            if not response.meta.get("again"):
                yield response.follow_all(["1", "1"], dont_filter=True, meta={"again": True})

    assert crawl(Again, PAGES).stats.get_value("response_received_count") == 3


def test_a_bad_link_fails_its_callback_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    pages = {**PAGES, "http://t/d/0": '<a href="1">x</a><a href="tel:1">x</a>'}
    with caplog.at_level("CRITICAL"):
        crawler = crawl(AsObject, pages)
    assert crawler.stats.get_value("spider_exceptions/ValueError") == 2
    assert crawler.stats.get_value("response_received_count") == 21


HREFS = st.sampled_from(
    ["a", "/a", "../a", "?q=1", "#top", "", "b/", "b/c", "/b/c", "http://t/a", "//t/b/c", "a?x=é", ";p"]
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["", "a", "b/", "b/c", "?q=1", "b/a"]), st.lists(HREFS, max_size=8), min_size=1))
def test_leaving_known_links_out_leaves_no_page_out(site: dict[str, list[str]]) -> None:
    pages = {f"http://t/{path}": "".join(f'<a href="{href}">x</a>' for href in hrefs) for path, hrefs in site.items()}
    spiders = (Listing, AsObject)
    fetched = []
    for spider in spiders:
        chosen = settings_of(pages)
        run(spider, chosen)
        fetched.append(dict(chosen["DOWNLOADER"].fetched))
    assert fetched[0] == fetched[1]
