"""Each downloader middleware by itself, where a whole crawl would hide what it does."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.components import build_from_crawler
from shoal.crawl.crawler import Crawler
from shoal.crawl.download.slot import Slot
from shoal.crawl.exceptions import IgnoreRequest
from shoal.crawl.extensions.throttle import AutoThrottle
from shoal.crawl.middleware.downloader.cookies import CookiesMiddleware
from shoal.crawl.middleware.downloader.defaultheaders import DefaultHeadersMiddleware
from shoal.crawl.middleware.downloader.httpproxy import HttpProxyMiddleware
from shoal.crawl.middleware.downloader.offsite import OffsiteMiddleware
from shoal.crawl.middleware.downloader.pauses import pause_slot, space_slot
from shoal.crawl.middleware.downloader.redirect import MetaRefreshMiddleware, RedirectMiddleware
from shoal.crawl.middleware.downloader.retry import RetryMiddleware
from shoal.crawl.middleware.downloader.robotstxt import RobotsTxtMiddleware
from shoal.crawl.middleware.downloader.stats import request_size
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse, Response
from shoal.crawl.spider import Spider
from shoal.scrapy.utils.request import request_httprepr


def made(middleware: type[Any], **settings: Any) -> Any:
    """The middleware in a crawler that has not begun."""
    crawler = Crawler(Spider, settings)
    crawler._apply_settings()
    crawler.spider = Spider("s")
    crawler.spider.crawler = crawler
    return build_from_crawler(middleware, crawler)


# Headers


def test_default_headers_are_no_ones_shared_lists() -> None:
    middleware = DefaultHeadersMiddleware({"Accept": "x", "Empty": None}.items())
    first, second = Request("http://a.example/"), Request("http://a.example/", headers={"B": "1"})
    for request in (first, second):
        middleware.process_request(request)
        request.headers.appendlist("Accept", "y")
    assert first.headers.getlist("Accept") == second.headers.getlist("Accept") == [b"x", b"y"]
    assert "Empty" not in first.headers
    third = Request("http://a.example/")
    middleware.process_request(third)
    assert third.headers.getlist("Accept") == [b"x"]


# Statistics


@given(
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["/", "", "/a;b?c=d", "/a/b?x", "/%E4"]),
    st.dictionaries(st.sampled_from(["A", "Bb", "C-C"]), st.lists(st.sampled_from(["", "1", "two"]), max_size=3)),
    st.binary(max_size=20),
)
def test_a_requests_size_is_that_of_its_http(method: str, path: str, headers: dict[str, Any], body: bytes) -> None:
    request = Request(f"http://a.example:81{path}", method=method, headers=headers, body=body)
    assert request_size(request) == len(request_httprepr(request))


# Slots that go slower


class _Line:
    """What pauses need of a downloader."""

    def __init__(self, **slot: Any) -> None:
        self.slot = Slot(8, slot.get("delay", 0.0), slot.get("jitter", 0.5))
        self.per_slot_settings: dict[str, dict[str, Any]] = {}
        self.woken: deque[Slot] = deque()

    def _get_slot(self, request: Request) -> tuple[str, Slot]:
        return "a.example", self.slot

    def _later(self, slot: Slot) -> None:
        self.woken.append(slot)


def crawler_with(line: _Line) -> Crawler:
    crawler = Crawler(Spider)
    crawler.engine = type("Engine", (), {"downloader": line})()
    return crawler


def test_a_pause_keeps_the_later_end() -> None:
    async def ends() -> list[float]:
        line = _Line()
        crawler, now, found = crawler_with(line), asyncio.get_running_loop().time(), []
        for seconds in (30.0, 10.0, 60.0, 0.0):
            pause_slot(crawler, Request("http://a.example/"), seconds)
            assert line.slot.latercall is not None
            found.append(round(line.slot.latercall.when() - now))
        line.slot.close()
        return found

    assert asyncio.run(ends()) == [30, 30, 60, 60]


def test_a_host_that_says_how_long_is_left_alone_that_long() -> None:
    async def pause(value: str | None) -> float:
        middleware = made(RetryMiddleware)
        line = _Line()
        middleware.crawler.engine = type("Engine", (), {"downloader": line})()
        now = asyncio.get_running_loop().time()
        response = Response("http://a.example/", status=503, headers={"Retry-After": value} if value else None)
        middleware.process_response(Request("http://a.example/"), response)
        assert line.slot.latercall is not None
        seconds = line.slot.latercall.when() - now
        line.slot.close()
        return seconds

    assert asyncio.run(pause("7")) == pytest.approx(7, abs=0.5)
    assert asyncio.run(pause("100000")) == pytest.approx(120, abs=0.5)
    assert 0.25 <= asyncio.run(pause(None)) < 1


def test_a_wanted_distance_makes_a_slot_slower_and_never_faster() -> None:
    line = _Line()
    space_slot(crawler_with(line), Request("http://a.example/"), 3.0)
    assert (line.slot.delay, line.slot.jitter) == (3.0, 0.0)
    assert line.per_slot_settings == {"a.example": {"delay": 3.0, "jitter": 0.0}}
    slow = _Line(delay=10.0, jitter=0.5)
    space_slot(crawler_with(slow), Request("http://a.example/"), 3.0)
    assert (slow.slot.delay, slow.slot.jitter) == (10.0, 0.5)


def test_a_crawl_without_an_engine_is_not_paused() -> None:
    pause_slot(Crawler(Spider), Request("http://a.example/"), 5.0)
    space_slot(Crawler(Spider), Request("http://a.example/"), 5.0)


# Cookies


def test_jars_do_not_see_each_others_cookies() -> None:
    middleware = CookiesMiddleware()
    for jar in ("one", "two"):
        request = Request("http://a.example/", meta={"cookiejar": jar})
        middleware.process_response(request, Response(request.url, headers={"Set-Cookie": f"who={jar}"}))
    for jar in ("one", "two"):
        request = Request("http://a.example/", meta={"cookiejar": jar})
        middleware.process_request(request)
        assert request.headers["Cookie"] == f"who={jar}".encode()
    plain = Request("http://a.example/")
    middleware.process_request(plain)
    assert "Cookie" not in plain.headers


def test_a_secure_cookie_does_not_leave_https() -> None:
    middleware = CookiesMiddleware()
    page = Request("https://a.example/")
    middleware.process_response(page, Response(page.url, headers={"Set-Cookie": "a=1; Secure"}))
    for url, sent in (("https://a.example/x", b"a=1"), ("http://a.example/x", None)):
        request = Request(url)
        middleware.process_request(request)
        assert request.headers.get("Cookie") == sent


# Offsite


def test_domains_may_change_while_the_crawl_runs() -> None:
    middleware = made(OffsiteMiddleware)
    spider = middleware.crawler.spider
    spider.allowed_domains = ["a.example"]
    middleware.spider_opened(spider)
    with pytest.raises(IgnoreRequest):
        middleware.process_request(Request("http://b.example/"))
    spider.allowed_domains.append("b.example")
    middleware.process_request(Request("http://b.example:81/"))
    assert middleware.stats.get_value("offsite/filtered") == 1


# Redirects


def test_a_redirect_to_the_same_page_is_no_circle_while_its_cookies_change() -> None:
    middleware = made(RedirectMiddleware)
    request = Request("http://a.example/")
    for number in range(15):
        request.headers["Cookie"] = f"n={number}"
        response = Response(request.url, status=302, headers={"Location": "/"})
        request = middleware.process_response(request, response)
        assert request.dont_filter
    assert request.meta["redirect_times"] == 15


def test_a_redirect_elsewhere_is_still_told_apart_from_pages_seen_before() -> None:
    middleware = made(RedirectMiddleware)
    response = Response("http://a.example/", status=302, headers={"Location": "/new"})
    assert not middleware.process_response(Request("http://a.example/"), response).dont_filter


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_a_refresh_is_found_in_any_encoding(encoding: str) -> None:
    page = '<html><META HTTP-EQUIV="Refresh" content="0;url=/new">'
    response = HtmlResponse("http://a.example/", body=page.encode(encoding), encoding=encoding)
    found = made(MetaRefreshMiddleware).process_response(Request("http://a.example/"), response)
    # w3lib writes the query that is not there in UTF-16, too: its mark stays behind the URL.
    assert found.url.removesuffix("?%FF%FE") == "http://a.example/new"


def test_a_page_that_only_speaks_of_refreshing_is_a_page() -> None:
    response = HtmlResponse("http://a.example/", body=b"<p>a refreshing drink", encoding="utf-8")
    assert made(MetaRefreshMiddleware).process_response(Request("http://a.example/"), response) is response


# Proxies


def test_the_password_of_a_proxy_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    request = Request("http://a.example/", meta={"proxy": "http://ada:s3cret@p.example:3128"})
    with caplog.at_level(logging.DEBUG):
        HttpProxyMiddleware().process_request(request)
    assert "s3cret" not in f"{request!r} {request.meta} {request.to_curl()} {caplog.text}"
    assert request.meta["proxy"] == "http://p.example:3128"


def test_autothrottle_keeps_the_distance_that_a_site_asked_for() -> None:
    line = _Line()
    crawler = crawler_with(line)
    crawler.settings.set("AUTOTHROTTLE_ENABLED", True)
    space_slot(crawler, Request("http://a.example/"), 3.0)
    AutoThrottle(crawler)._adjust_delay(line.slot, 0.01, Response("http://a.example/"))
    assert line.slot.delay == 3.0


# Robots


@pytest.mark.parametrize(
    ("agent", "known_as", "warned"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64)", None, True),
        ("Mozilla/5.0 (X11; Linux x86_64)", "ourbot", False),
        ("Mozilla/5.0 (compatible; ourbot/1.0; +http://a.example)", None, False),
        ("ourbot/1.0 (+http://a.example)", None, False),
    ],
)
def test_who_obeys_rules_in_a_browsers_name_is_told(
    agent: str, known_as: str | None, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    made(RobotsTxtMiddleware, ROBOTSTXT_OBEY=True, USER_AGENT=agent, ROBOTSTXT_USER_AGENT=known_as)
    assert ("USER_AGENT is that of a browser" in caplog.text) is warned


def test_an_unknown_policy_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="ROBOTSTXT_POLICY is 'nice', but must be one of rfc9309, scrapy"):
        made(RobotsTxtMiddleware, ROBOTSTXT_OBEY=True, ROBOTSTXT_POLICY="nice")


def test_rules_are_asked_for_again_when_they_are_old_and_a_given_up_request_takes_none_with_it() -> None:
    async def ask() -> list[int]:
        asked: list[str] = []
        middleware = made(RobotsTxtMiddleware, ROBOTSTXT_OBEY=True, ROBOTSTXT_CACHE_SECS=0.001)

        async def download(request: Request) -> Response:
            asked.append(request.url)
            await asyncio.sleep(0)
            return Response(request.url, body=b"User-agent: *\nDisallow: /no")

        middleware.crawler.engine = type("Engine", (), {"download_async": staticmethod(download)})()
        first, second = (asyncio.ensure_future(middleware.process_request(Request("http://a.example/"))) for _ in "ab")
        await asyncio.sleep(0)
        first.cancel()
        await second
        counts = [len(asked)]
        middleware._known["http://a.example"] = middleware._known["http://a.example"]._replace(until=0)
        await middleware.process_request(Request("http://a.example/"))
        return [*counts, len(asked)]

    assert asyncio.run(ask()) == [1, 2]
