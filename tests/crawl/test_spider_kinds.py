"""Spiders of all ages and kinds: where they begin, and what they make of pages, without a network."""

# ruff: noqa: RUF012 - this is how people write spiders

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shoal.crawl.exceptions import NotSupported, ScrapyDeprecationWarning
from shoal.crawl.link import Link
from shoal.crawl.linkextract import LxmlLinkExtractor as LinkExtractor
from shoal.crawl.outputs import as_iterable, is_async, results_of
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse, Response, TextResponse, XmlResponse
from shoal.crawl.spider import Spider
from shoal.crawl.spiders import CrawlSpider, CSVFeedSpider, InitSpider, Rule, SitemapSpider, XMLFeedSpider

URL = "http://site.test/"


def all_of(output: Any) -> list[Any]:
    async def collect() -> list[Any]:
        return [result async for result in results_of(output)]

    return asyncio.run(collect())


def begun(spider: Spider) -> list[Any]:
    return [getattr(result, "url", result) for result in all_of(spider.start())]


def test_every_start_url_becomes_a_request_that_is_not_filtered() -> None:
    requests = all_of(Spider("s", start_urls=[URL, URL]).start())
    assert [(request.url, request.dont_filter, request.callback) for request in requests] == [(URL, True, None)] * 2


def test_a_spider_with_start_requests_alone_runs() -> None:
    class AsAList(Spider):
        name = "s"

        def start_requests(self) -> Any:
            return [Request(URL + "list"), {"an": "item"}]

    class AsAGenerator(Spider):
        name = "s"

        def start_requests(self) -> Any:
            yield Request(URL + "generator")

    class Async(Spider):
        name = "s"

        async def start_requests(self) -> AsyncIterator[Any]:  # type: ignore[override]
            yield Request(URL + "async")

    assert [begun(cls()) for cls in (AsAList, AsAGenerator, Async)] == [
        [URL + "list", {"an": "item"}],
        [URL + "generator"],
        [URL + "async"],
    ]


def test_start_requests_are_made_when_they_are_wanted() -> None:
    made = []

    class Endless(Spider):
        name = "s"

        def start_requests(self) -> Any:
            while True:
                made.append(1)
                yield Request(URL)

    async def first_two() -> None:
        start = Endless().start()
        await anext(start)
        await anext(start)

    asyncio.run(first_two())
    assert len(made) == 2


def test_old_spiders_change_the_requests_of_start_urls() -> None:
    class Old(Spider):
        name = "s"
        start_urls = [URL]

        def make_requests_from_url(self, url: str) -> Request:
            return Request(url + "changed")

    assert begun(Old()) == [URL + "changed"]


def test_a_spider_that_never_calls_the_init_of_its_base_runs() -> None:
    class Own(Spider):
        name = "s"

        def __init__(self) -> None:
            self.start_urls = [URL]

    class Nothing(Spider):
        name = "s"

        def __init__(self) -> None:
            pass

    assert begun(Own()) == [URL]
    assert begun(Nothing()) == []


def test_a_misspelt_start_url_is_told_of() -> None:
    with pytest.raises(AttributeError, match="did you miss an 's'"):
        begun(Spider("s", start_url=URL))


def test_arguments_become_attributes_and_a_name_is_needed() -> None:
    assert Spider("s", city="Lyon").city == "Lyon"  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="must have a name"):
        Spider()


def test_the_logger_carries_the_spider(caplog: pytest.LogCaptureFixture) -> None:
    spider = Spider("noted")
    with caplog.at_level(logging.INFO):
        spider.logger.info("hello", extra={"more": 1})
    (record,) = caplog.records
    assert (record.name, record.spider, record.more) == ("noted", spider, 1)  # type: ignore[attr-defined]
    with pytest.warns(ScrapyDeprecationWarning, match="Spider.logger"):
        spider.log("old")


@pytest.mark.parametrize(("url", "handled"), [("http://a.site.test/", True), ("http://mysite.test/", False)])
def test_a_spider_handles_its_own_hosts(url: str, handled: bool) -> None:
    class Own(Spider):
        name = "s"
        allowed_domains = ["site.test"]

    assert Own.handles_request(Request(url)) is handled


def test_what_a_callback_gave_is_gone_through_once_whatever_it_is() -> None:
    async def coroutine() -> list[int]:
        return [1, 2]

    async def generator() -> AsyncIterator[int]:
        yield 1

    assert all_of(coroutine()) == [1, 2]
    assert all_of(generator()) == [1]
    assert [list(as_iterable(one)) for one in (None, {"a": 1}, "text", 0, (1, 2))] == [
        [],
        [{"a": 1}],
        ["text"],
        [0],
        [1, 2],
    ]
    assert [is_async(one) for one in (coroutine, generator, as_iterable)] == [True, True, False]


PAGE = HtmlResponse(URL, body=b"<a href=item/1>one</a><a href=item/2>two</a><a href=list>more</a>", encoding="utf-8")


class Shop(CrawlSpider):
    name = "shop"
    rules: Any = [
        Rule(LinkExtractor(allow="item"), "parse_item", cb_kwargs={"kind": "item"}),
        Rule(LinkExtractor(), process_request="later"),
    ]

    def parse_item(self, response: Response, kind: str) -> Any:
        yield {"url": response.url, "kind": kind}

    def later(self, request: Request, response: Response) -> Request:
        return request.replace(priority=-1)


def test_each_link_belongs_to_the_first_rule_that_finds_it() -> None:
    requests = all_of(Shop()._parse(PAGE))
    assert [(request.url, request.meta["rule"], request.priority) for request in requests] == [
        (URL + "item/1", 0, 0),
        (URL + "item/2", 0, 0),
        (URL + "list", 1, -1),
    ]
    assert requests[0].meta["link_text"] == "one"


def test_pages_go_to_the_callback_of_their_rule_and_are_followed_when_it_has_none() -> None:
    item, _, listing = all_of(Shop()._parse(PAGE))
    found = all_of(item.callback(PAGE.replace(url=item.url, request=item)))
    assert found == [{"url": URL + "item/1", "kind": "item"}]
    assert len(all_of(listing.callback(PAGE.replace(request=listing)))) == 3


@pytest.mark.parametrize("style", ["coroutine", "async generator", "dict", "none"])
def test_callbacks_of_rules_may_be_of_any_kind(style: str) -> None:
    class Any_(CrawlSpider):
        name = "any"

        async def coroutine(self, response: Response) -> list[Any]:
            return [{"n": 1}]

        async def generated(self, response: Response) -> AsyncIterator[Any]:
            yield {"n": 1}

    spider = Any_()
    callbacks = {
        "coroutine": spider.coroutine,
        "async generator": spider.generated,
        "dict": lambda response: {"n": 1},
        "none": lambda response: None,
    }
    found = all_of(spider.parse_with_rules(PAGE, callbacks[style], {}, follow=False))
    assert found == ([] if style == "none" else [{"n": 1}])


def test_rules_that_an_init_without_super_has_set_are_used() -> None:
    class Own(CrawlSpider):
        name = "own"

        def __init__(self) -> None:
            self.rules = (Rule(LinkExtractor(allow="list"), process_request=lambda request: request),)

    assert [request.url for request in all_of(Own()._parse(PAGE))] == [URL + "list"]


def test_a_rule_may_leave_links_and_requests_out() -> None:
    class Less(CrawlSpider):
        name = "less"
        rules = (
            Rule(process_links=lambda links: links[1:], process_request=lambda request, response: None),
            Rule(process_links="first"),
        )

        def first(self, links: list[Link]) -> list[Link]:
            return links[:1]

    # What the first rule has dropped by its links is still there for the second, what it dropped by its request is not.
    assert [request.url for request in all_of(Less()._parse(PAGE))] == [URL + "item/1"]


def test_a_rule_that_names_no_method_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    class Wrong(CrawlSpider):
        name = "wrong"
        rules = (Rule(callback="parse_itme"),)

    all_of(Wrong()._parse(PAGE))
    assert "parse_itme" in caplog.text


def test_binary_pages_have_no_links() -> None:
    assert all_of(Shop()._parse(Response(URL, body=b"\x00"))) == []


def test_the_errback_of_a_rule_gets_the_failure() -> None:
    class Failing(CrawlSpider):
        name = "failing"
        rules = (Rule(errback="failed"),)

        def failed(self, failure: Any) -> Any:
            return [failure.request.url]

    request = all_of(Failing()._parse(PAGE))[0]

    class Failure:
        pass

    failure = Failure()
    failure.request = request  # type: ignore[attr-defined]
    assert all_of(request.errback(failure)) == [URL + "item/1"]


SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>http://site.test/shop/1</loc></url><url><loc></loc></url><url><loc>http://site.test/blog</loc></url></urlset>"""


class Mapped(SitemapSpider):
    name = "mapped"
    sitemap_urls = ("http://site.test/robots.txt",)
    sitemap_rules = [("/shop/", "parse_shop"), ("/blog", lambda response: None)]

    def parse_shop(self, response: Response) -> None: ...


@pytest.mark.parametrize(
    "response",
    [
        XmlResponse(URL + "map", body=SITEMAP),
        TextResponse(URL + "map.xml", body=SITEMAP),
        Response(URL + "map.xml.gz", body=gzip.compress(SITEMAP), request=Request(URL)),
    ],
)
def test_pages_of_a_sitemap_go_to_the_first_rule_that_fits(response: Response) -> None:
    spider = Mapped()
    requests = list(spider._parse_sitemap(response))
    assert [request.url for request in requests] == [URL + "shop/1", URL + "blog"]
    assert requests[0].callback == spider.parse_shop


def test_sitemaps_are_found_in_robots_txt_and_indexes() -> None:
    spider = Mapped()
    assert begun(spider) == [URL + "robots.txt"]
    robots = TextResponse(URL + "robots.txt", body=b"Sitemap: /a.xml\nSitemap: http://site.test/\xff.xml\n")
    assert [request.url for request in spider._parse_sitemap(robots)] == [URL + "a.xml"]
    index = b"<sitemapindex><sitemap><loc>http://site.test/b.xml</loc></sitemap></sitemapindex>"
    (request,) = spider._parse_sitemap(XmlResponse(URL + "a.xml", body=index))
    assert (request.url, request.callback) == (URL + "b.xml", spider._parse_sitemap)


@pytest.mark.parametrize("body", [b"", gzip.compress(b"0" * 10_000)])
def test_a_sitemap_that_is_empty_or_too_large_is_told_of(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    request = Request(URL, meta={"download_maxsize": 1_000})
    assert list(Mapped()._parse_sitemap(Response(URL + "map.xml", body=body, request=request))) == []
    assert "Ignoring invalid sitemap" in caplog.text


FEED = b"""<?xml version="1.0"?><r xmlns:g="urn:g"><g:item><id>1</id></g:item><g:item><id>2</id></g:item></r>"""


@pytest.mark.parametrize("iterator", ["iternodes", "xml"])
def test_nodes_of_a_feed_are_found_by_the_spiders_own_prefix(iterator: str) -> None:
    class Feed(XMLFeedSpider):
        name = "feed"
        itertag = "x:item"
        namespaces = [("x", "urn:g")]

        def parse_node(self, response: Response, selector: Any) -> Any:
            return {"id": selector.xpath("id/text()").get()}

    spider = Feed(iterator=iterator)
    assert all_of(spider._parse(XmlResponse(URL, body=FEED))) == [{"id": "1"}, {"id": "2"}]


def test_a_feed_spider_says_what_it_lacks() -> None:
    feed = XMLFeedSpider("feed", iterator="sax")
    with pytest.raises(NotSupported, match="sax"):
        feed._parse(XmlResponse(URL, body=FEED))
    feed.iterator = "html"
    with pytest.raises(ValueError, match="text"):
        feed._parse(Response(URL, body=b"\x00"))
    with pytest.raises(NotImplementedError, match="parse_row"):
        list(CSVFeedSpider("rows")._parse(TextResponse(URL, body=b"a\n1\n")))


def test_rows_of_a_feed_are_dicts_by_its_first_row() -> None:
    class Rows(CSVFeedSpider):
        name = "rows"
        delimiter = ";"

        def parse_row(self, response: Response, row: dict[str, str]) -> Any:
            return row

    assert all_of(Rows()._parse(TextResponse(URL, body=b"a;b\n1;2\n", encoding="utf-8"))) == [{"a": "1", "b": "2"}]


def test_start_urls_wait_for_the_first_request() -> None:
    class LogIn(InitSpider):
        name = "log-in"
        start_urls = [URL]

        def init_request(self) -> Request:
            return Request(URL + "login", callback=self.initialized)

    spider = LogIn()
    (login,) = all_of(spider.start())
    assert login.url == URL + "login"
    assert [request.url for request in all_of(login.callback(None))] == [URL]
    assert begun(InitSpider("none", start_urls=[URL])) == [URL]
