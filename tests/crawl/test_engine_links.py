"""Links that are known cost no request; and leaving them out changes nothing else."""

from __future__ import annotations

import gc
from typing import Any
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_in_memory import crawl, settings_of

from shoal.crawl import follow, response_base, run, signals
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


class Each(AsObject):
    def parse(self, response: Any) -> Any:
        yield {"url": response.url}
        for link in response.css("a"):
            yield response.follow(link, callback=self.parse)


class Counting(Request):
    made = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        type(self).made += 1
        super().__init__(*args, **kwargs)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    """Counts the requests that responses make of links."""
    monkeypatch.setattr(response_base, "Request", Counting)
    monkeypatch.setattr(follow, "Request", Counting)
    Counting.made = 0
    return Counting


@pytest.mark.parametrize("spider", [AsObject, Delegating, Nested, Returning, Listing, Each])
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
        for spider in (Listing, AsObject, Delegating, Each)
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


def test_requests_that_are_more_than_their_url_are_not_left_out() -> None:
    class Again(AsObject):
        def parse(self, response: Any) -> Any:
            yield response.follow("1", callback=self.end)
            yield response.follow("1", callback=self.end, dont_filter=True)
            yield response.follow("1", callback=self.end, method="POST")
            yield response.follow("1", callback=self.end, body="x")
            yield response.follow("1#same", callback=self.end)

        def end(self, response: Any) -> Any:
            return None

    crawler = crawl(Again, PAGES)
    assert crawler.stats.get_value("response_received_count") == 5
    assert crawler.stats.get_value("dupefilter/filtered") == 1


def test_a_known_link_reaches_a_middleware_that_wants_to_see_all() -> None:
    seen: list[str] = []

    class Sees:
        def process_spider_output(self, response: Any, result: Any) -> Any:
            for thing in result:
                if isinstance(thing, Request):
                    seen.append(thing.url)
                yield thing

    for spider in (Each, AsObject):
        seen.clear()
        crawl(spider, PAGES, SPIDER_MIDDLEWARES={Sees: 1})
        assert len(seen) == 21 * 40


OFFSITE = {"EXTENSIONS": {"scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": 1}}
AWAY = "".join(f'<a href="http://away/{number % 3}#{number}">x</a><a href="{number}">x</a>' for number in range(9))


def within(spider: type[Spider]) -> type[Spider]:
    return type("Within", (spider,), {"allowed_domains": ["t"]})


def test_refused_links_are_counted_as_if_each_had_been_a_request() -> None:
    names = ("offsite/filtered", "offsite/domains", "dupefilter/filtered", "response_received_count")
    pages = {f"http://t/d/{number}": AWAY + f'<a href="http://away/{number}/">x</a>' for number in range(9)}
    counts = [
        [crawl(within(spider), pages, **OFFSITE).stats.get_value(name) for name in names]
        for spider in (Listing, AsObject, Delegating, Each)
    ]
    assert counts[0] == [10 * 10, 1, 10 * 9 - 9, 10]
    assert counts[1:] == counts[:1] * 3


def test_a_refused_link_makes_one_request(counting: type[Counting]) -> None:
    crawl(within(AsObject), {f"http://t/d/{number}": AWAY for number in range(9)}, **OFFSITE)
    assert counting.made == 9 + 3


def test_a_refused_link_is_followed_once_its_domain_is_allowed() -> None:
    class Growing(AsObject):
        allowed_domains = ["t"]  # noqa: RUF012  as spiders are written

        def parse(self, response: Any) -> Any:
            yield response.follow_all(["http://away/1", "2"], callback=self.more)

        def more(self, response: Any) -> Any:
            yield response.follow_all(["http://away/1"], meta={"allow_offsite": True}, callback=self.end)
            self.allowed_domains = ["t", "away"]
            yield response.follow_all(["http://away/1", "http://away/2"], callback=self.end)

        def end(self, response: Any) -> Any:
            yield {"url": response.url}

    crawler = crawl(Growing, PAGES, **OFFSITE)
    assert crawler.stats.get_value("item_scraped_count") == 2
    assert crawler.stats.get_value("offsite/filtered") == 1


@pytest.mark.parametrize("spider", [AsObject, Delegating, Listing, Each])
def test_a_page_with_refused_and_known_links_is_freed_when_its_callback_has_done(spider: type[Spider]) -> None:
    living: list[int] = []
    pages_seen: list[Any] = []

    class Looking(spider):  # type: ignore[misc,valid-type]
        allowed_domains = ["t"]  # noqa: RUF012  as spiders are written

        def parse(self, response: Any) -> Any:
            living.append(sum(page() is not None for page in pages_seen))
            pages_seen.append(ref(response))
            return super().parse(response)

    pages = {f"http://t/d/{number}": AWAY + f'<a href="http://away/{number}/">x</a>' for number in range(9)}
    gc.disable()
    try:
        crawl(Looking, pages, **OFFSITE, CONCURRENT_REQUESTS=1)
    finally:
        gc.enable()
    assert len(living) == 10
    assert max(living) <= 1


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
    fetched = []
    for spider in (Listing, AsObject, Each):
        chosen = settings_of(pages)
        run(spider, chosen)
        fetched.append(dict(chosen["DOWNLOADER"].fetched))
    assert fetched[0] == fetched[1] == fetched[2]
