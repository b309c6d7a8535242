"""Downloader middlewares in whole crawls of a site on loopback: what is fetched, what is told, who hears of it."""

from __future__ import annotations

import asyncio
import gzip
import logging
from typing import Any

import pytest
import site_in_memory  # noqa: F401  the first loop of libuv is opened there

from shoal.crawl import run
from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import IgnoreRequest
from shoal.crawl.middleware.httperror import HttpError
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider
from shoal.lab.web import Answer, Asked, WebServer


class Fetcher(Spider):
    """Fetches its start URLs, each once, and tells how each ended."""

    name = "fetcher"
    meta: dict[str, Any] = {}  # noqa: RUF012  as spiders are written

    async def start(self) -> Any:
        for url in self.start_urls:
            yield Request(url, errback=self.failed, meta=dict(self.meta))

    def parse(self, response: Any) -> Any:
        yield {"url": response.url, "status": response.status, "body": response.body, "meta": dict(response.meta)}

    def failed(self, failure: Any) -> Any:
        yield {"url": failure.request.url, "failed": failure.value}


def crawl(server: WebServer, *paths: str, spider: type[Spider] = Fetcher, **settings: Any) -> list[dict[str, Any]]:
    class Here(spider):  # type: ignore[misc,valid-type]
        start_urls = [server.url(path) for path in paths]  # noqa: RUF012

    return run(Here, {"LOG_ENABLED": False, "RETRY_BACKOFF": 0, **settings}).items


def paths_of(server: WebServer) -> list[str]:
    """What was asked for, in order."""
    return [asked.removeprefix("GET ") for asked in server.asked]


def test_a_page_that_sets_a_cookie_and_sends_to_itself_is_fetched() -> None:
    def wall(asked: Asked) -> Answer:
        if "seen" in asked.cookies:
            return Answer("welcome")
        return Answer(status=302, headers={"Location": "/wall", "Set-Cookie": "seen=1; Path=/"})

    with WebServer(wall) as server:
        [item] = crawl(server, "/wall")
        assert item["body"] == b"welcome"
        assert paths_of(server) == ["/wall", "/wall"]


def test_two_pages_that_send_to_each_other_end_in_one_errback() -> None:
    def circle(asked: Asked) -> Answer:
        return Answer(status=302, headers={"Location": "/b" if asked.path == "/a" else "/a"})

    with WebServer(circle) as server:
        [item] = crawl(server, "/a")
        assert isinstance(item["failed"], IgnoreRequest)
        assert str(item["failed"]) == "redirect loop"
        assert paths_of(server) == ["/a", "/b", "/a", "/b", "/a"]


@pytest.mark.parametrize("location", ["file:///etc/hostname", "data:,x", "ftp://127.0.0.1/x"])
def test_a_redirect_out_of_the_web_is_not_followed(location: str) -> None:
    with WebServer(lambda asked: Answer(status=302, headers={"Location": location})) as server:
        [item] = crawl(server, "/")
        assert isinstance(item["failed"], HttpError)
        assert item["failed"].response.status == 302
        assert paths_of(server) == ["/"]


def robots(status: int, rules: str = "") -> Any:
    def site(asked: Asked) -> Answer:
        return Answer(rules, status) if asked.path == "/robots.txt" else Answer(asked.path)

    return site


def test_rules_are_asked_for_once_and_obeyed_with_one_request_at_a_time() -> None:
    with WebServer(robots(200, "User-agent: *\nDisallow: /private\n")) as server:
        items = crawl(server, "/1", "/private/2", "/3", ROBOTSTXT_OBEY=True, CONCURRENT_REQUESTS=1)
        assert sorted(paths_of(server)) == ["/1", "/3", "/robots.txt"]
        assert paths_of(server)[0] == "/robots.txt"
        [refused] = [item for item in items if "failed" in item]
        assert str(refused["failed"]) == "Forbidden by robots.txt"


def test_rules_for_our_name_go_before_rules_for_all() -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: shoal\nDisallow: /private\n"
    with WebServer(robots(200, rules)) as server:
        crawl(server, "/1", "/private", ROBOTSTXT_OBEY=True)
        assert paths_of(server) == ["/robots.txt", "/1"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_rules_may_be_fetched(status: int) -> None:
    with WebServer(robots(status, "User-agent: *\nDisallow: /\n")) as server:
        [item] = crawl(server, "/1", ROBOTSTXT_OBEY=True)
        assert item["body"] == b"/1"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_site_that_cannot_tell_its_rules_is_left_alone(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with WebServer(robots(status)) as server, caplog.at_level(logging.WARNING):
        [item] = crawl(server, "/1", ROBOTSTXT_OBEY=True, RETRY_TIMES=0)
        assert str(item["failed"]) == f"Forbidden by robots.txt, which cannot be had: status {status}"
        assert paths_of(server) == ["/robots.txt"]
    assert f"nothing is fetched for 600 s: {server.url('/robots.txt')} (status {status})" in caplog.text


def test_scrapys_reading_of_a_failing_robots_txt_is_a_setting() -> None:
    with WebServer(robots(500, "User-agent: *\nDisallow: /2\n")) as server:
        items = crawl(server, "/1", "/2", ROBOTSTXT_OBEY=True, ROBOTSTXT_POLICY="scrapy", RETRY_TIMES=0)
        assert sorted("failed" in item for item in items) == [False, True]
        assert sorted(paths_of(server)) == ["/1", "/robots.txt"]


def test_the_target_of_a_redirect_is_asked_about_as_well() -> None:
    def site(asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer("User-agent: *\nDisallow: /private\n")
        return Answer(status=302, headers={"Location": "/private"})

    with WebServer(site) as server:
        [item] = crawl(server, "/public", ROBOTSTXT_OBEY=True)
        assert str(item["failed"]) == "Forbidden by robots.txt"
        assert paths_of(server) == ["/robots.txt", "/public"]


def test_failing_pages_are_tried_again_and_then_given_up() -> None:
    with WebServer(lambda asked: Answer("no", 503)) as server:
        [item] = crawl(server, "/")
        assert isinstance(item["failed"], HttpError)
        assert paths_of(server) == ["/"] * 3


def test_a_page_that_works_the_second_time_is_an_item() -> None:
    answers = iter([Answer("busy", 429, {"Retry-After": "0"}), Answer("fine")])
    with WebServer(lambda asked: next(answers)) as server:
        [item] = crawl(server, "/")
        assert item["body"] == b"fine"
        assert item["meta"]["retry_times"] == 1


def test_a_small_answer_that_becomes_huge_is_given_up() -> None:
    bomb = gzip.compress(bytes(40_000_000))
    with WebServer(lambda asked: Answer(bomb, headers={"Content-Encoding": "gzip"})) as server:
        [item] = crawl(server, "/", RETRY_TIMES=0)
        assert "failed" in item


def test_compressed_pages_arrive_as_text() -> None:
    page = gzip.compress(b"<p>hello")
    with WebServer(lambda asked: Answer(page, headers={"Content-Encoding": "gzip"})) as server:
        [item] = crawl(server, "/")
        assert item["body"] == b"<p>hello"


def test_a_second_crawl_is_answered_from_the_cache(tmp_path: Any) -> None:
    cache = {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": str(tmp_path)}
    with WebServer(lambda asked: Answer(asked.path)) as server:
        first = crawl(server, "/1", "/2", **cache)
        again = crawl(server, "/1", "/2", **cache)
        assert sorted(paths_of(server)) == ["/1", "/2"]
        assert sorted(item["body"] for item in again) == sorted(item["body"] for item in first) == [b"/1", b"/2"]


def test_what_is_off_the_spiders_domains_is_not_fetched() -> None:
    class Narrow(Fetcher):
        allowed_domains = ["quotes.example"]  # noqa: RUF012

    with WebServer(lambda asked: Answer("x")) as server:
        items = crawl(server, "/", spider=Narrow)
        assert paths_of(server) == []
        assert all(isinstance(item["failed"], IgnoreRequest) for item in items)


def test_the_headers_that_go_out_say_who_we_are_and_what_we_can_open() -> None:
    seen: dict[str, str] = {}

    def site(asked: Asked) -> Answer:
        seen.update(asked.headers)
        return Answer("x")

    with WebServer(site) as server:
        crawl(server, "/")
    assert seen["user-agent"].startswith("Shoal/")
    assert "gzip" in seen["accept-encoding"]
    assert seen["accept-language"] == "en"


def test_a_password_does_not_follow_a_redirect_to_another_origin() -> None:
    heard: list[dict[str, str]] = []

    def other(asked: Asked) -> Answer:
        heard.append(asked.headers)
        return Answer("x")

    class Member(Fetcher):
        meta = {"http_user": "ada", "http_pass": "secret"}  # noqa: RUF012

    with WebServer(other) as stranger, WebServer(lambda asked: _sent(asked, heard, stranger.url("/"))) as server:
        crawl(server, "/", spider=Member)
    assert ["authorization" in headers for headers in heard] == [True, False]


def _sent(asked: Asked, heard: list[dict[str, str]], location: str) -> Answer:
    heard.append(asked.headers)
    return Answer(status=302, headers={"Location": location})


def test_a_job_that_is_run_again_is_still_logged_in(tmp_path: Any) -> None:
    def site(asked: Asked) -> Answer:
        return Answer(asked.cookies.get("who", "nobody"), headers={"Set-Cookie": "who=ada; Path=/"})

    # Queues in files, for which a job is never finished: its start is read again.
    job = {"JOBDIR": str(tmp_path), "SCHEDULER_DISK_QUEUE": "scrapy.squeues.DataLifoDiskQueue"}
    with WebServer(site) as server:
        seen = [crawl(server, page, **job)[0]["body"] for page in ("/1", "/2")]
    assert seen == [b"nobody", b"ada"]
    assert (tmp_path / "cookies.json").stat().st_mode & 0o077 == 0


def test_a_damaged_file_of_cookies_is_named_and_passed_over(tmp_path: Any, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cookies.json").write_text("[[")
    with WebServer(lambda asked: Answer("x")) as server, caplog.at_level(logging.WARNING):
        [item] = crawl(server, "/", JOBDIR=str(tmp_path))
    assert item["body"] == b"x"
    assert "Cannot read the cookies in" in caplog.text


def test_a_site_that_asks_for_distance_gets_it() -> None:
    rules = "User-agent: *\nCrawl-delay: 0.02\n"
    with WebServer(robots(200, rules)) as server:

        class Two(Fetcher):
            start_urls = [server.url("/1"), server.url("/2")]  # noqa: RUF012

        crawler = Crawler(Two, {"ROBOTSTXT_OBEY": True})
        asyncio.run(crawler.crawl_async())
        downloader = crawler.engine.downloader
    assert downloader.per_slot_settings == {"127.0.0.1": {"delay": 0.02, "jitter": 0.0}}
    assert crawler.stats.get_value("item_scraped_count") == 2


def test_a_distance_beyond_the_longest_is_cut_and_told(caplog: pytest.LogCaptureFixture) -> None:
    with WebServer(robots(200, "User-agent: *\nCrawl-delay: 600\n")) as server, caplog.at_level(logging.WARNING):
        [item] = crawl(server, "/1", ROBOTSTXT_OBEY=True, ROBOTSTXT_CRAWL_DELAY_MAX=0.01)
    assert item["body"] == b"/1"
    assert "asks for 600 s between requests" in caplog.text
