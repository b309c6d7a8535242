"""The chain of downloader middlewares: who is asked, in which order, and what may be answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import InvalidOutput, ScrapyDeprecationWarning
from shoal.crawl.middleware.downloader import DownloaderMiddlewareManager
from shoal.crawl.request import Request
from shoal.crawl.response_base import Response
from shoal.crawl.spider import Spider

REQUEST = Request("http://a.example/")
RESPONSE = Response("http://a.example/")


class Witness:
    """Notes what it is asked, and answers what it is told to answer."""

    def __init__(self, name: str, asked: list[str], **answers: Any) -> None:
        self.name, self.asked, self.answers = name, asked, answers

    def process_request(self, request: Request) -> Any:
        self.asked.append(f"{self.name} request")
        return self._answer("request", None)

    def process_response(self, request: Request, response: Response) -> Any:
        self.asked.append(f"{self.name} response")
        return self._answer("response", response)

    def process_exception(self, request: Request, exception: Exception) -> Any:
        self.asked.append(f"{self.name} exception")
        return self._answer("exception", None)

    def _answer(self, kind: str, usual: Any) -> Any:
        answer = self.answers.get(kind, usual)
        if isinstance(answer, Exception):
            raise answer
        return answer


def chain(*middlewares: Any) -> DownloaderMiddlewareManager:
    return DownloaderMiddlewareManager(*middlewares, crawler=Crawler(Spider))


def download(manager: DownloaderMiddlewareManager, outcome: Any = RESPONSE) -> Any:
    async def fetch(request: Request) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return asyncio.run(manager.download_async(fetch, REQUEST))


def test_requests_go_out_in_order_and_responses_come_back_in_the_other() -> None:
    asked: list[str] = []
    assert download(chain(Witness("near", asked), Witness("far", asked))) is RESPONSE
    assert asked == ["near request", "far request", "far response", "near response"]


def test_who_answers_a_request_spares_the_rest_and_the_download() -> None:
    asked: list[str] = []
    answer = Response("http://cache.example/")
    manager = chain(Witness("near", asked, request=answer), Witness("far", asked))
    assert download(manager, AssertionError("not to be fetched")) is answer
    assert asked == ["near request", "far response", "near response"]


def test_another_request_ends_the_chain_wherever_it_comes_from() -> None:
    other = Request("http://b.example/")
    for kind, outcome in (("request", RESPONSE), ("response", RESPONSE), ("exception", OSError())):
        asked: list[str] = []
        assert download(chain(Witness("near", asked), Witness("far", asked, **{kind: other})), outcome) is other
        assert asked[-1] == f"far {kind}"


def test_a_failure_that_nobody_takes_is_raised_as_it_was() -> None:
    asked: list[str] = []
    problem = OSError("gone")
    with pytest.raises(OSError, match="gone") as caught:
        download(chain(Witness("near", asked), Witness("far", asked)), problem)
    assert caught.value is problem
    assert asked == ["near request", "far request", "far exception", "near exception"]


def test_a_response_in_place_of_a_failure_passes_all_that_look_at_responses() -> None:
    asked: list[str] = []
    manager = chain(Witness("near", asked), Witness("far", asked, exception=RESPONSE))
    assert download(manager, OSError()) is RESPONSE
    assert asked[2:] == ["far exception", "far response", "near response"]


def test_what_is_raised_on_the_way_home_is_shown_to_nobody() -> None:
    asked: list[str] = []
    with pytest.raises(ValueError, match="no good"):
        download(chain(Witness("near", asked), Witness("far", asked, response=ValueError("no good"))))
    assert "near exception" not in asked


@pytest.mark.parametrize("kind", ["request", "response", "exception"])
def test_anything_else_is_an_error_that_names_the_hook(kind: str) -> None:
    outcome = OSError() if kind == "exception" else RESPONSE
    with pytest.raises(InvalidOutput, match=rf"Witness\.process_{kind} must return .*Response or Request, got .*int"):
        download(chain(Witness("only", [], **{kind: 1})), outcome)


def test_a_download_without_a_response_is_an_error() -> None:
    with pytest.raises(TypeError, match="Received None"):
        download(chain(), None)


def test_hooks_may_be_coroutines() -> None:
    class Slow:
        async def process_request(self, request: Request) -> None:
            await asyncio.sleep(0)

        async def process_response(self, request: Request, response: Response) -> Response:
            await asyncio.sleep(0)
            return response.replace(status=203)

    assert download(chain(Slow())).status == 203


def test_plain_hooks_finish_in_one_step() -> None:
    """No round of the event loop is spent: a coroutine that never waits ends at its first `send`."""

    async def fetch(request: Request) -> Response:
        return RESPONSE

    step = chain(Witness("a", []), Witness("b", [])).download_async(fetch, REQUEST)
    with pytest.raises(StopIteration) as ended:
        step.send(None)
    assert ended.value.value is RESPONSE


def test_older_hooks_get_the_spider_and_a_warning() -> None:
    class Old:
        seen: Any = None

        def process_request(self, request: Request, spider: Spider) -> None:
            self.seen = spider

    crawler = Crawler(Spider)
    crawler.spider = Spider("old")
    old = Old()
    with pytest.warns(ScrapyDeprecationWarning, match=r"process_request\(\) requires a spider argument"):
        manager = DownloaderMiddlewareManager(old, crawler=crawler)
    download(manager)
    assert old.seen is crawler.spider


def test_the_usual_middlewares_are_all_there_and_switched_off_one_by_one() -> None:
    crawler = Crawler(Spider, {"ROBOTSTXT_OBEY": True, "HTTPCACHE_ENABLED": True})
    crawler._apply_settings()
    base = crawler.settings["DOWNLOADER_MIDDLEWARES_BASE"]
    built = DownloaderMiddlewareManager.from_crawler(crawler).middlewares
    assert [type(one).__name__ for one in built] == [path.rpartition(".")[2] for path in base]
    few = Crawler(Spider, {"COOKIES_ENABLED": False, "RETRY_ENABLED": False, "REDIRECT_ENABLED": False})
    few._apply_settings()
    names = {type(one).__name__ for one in DownloaderMiddlewareManager.from_crawler(few).middlewares}
    assert names.isdisjoint({"CookiesMiddleware", "RetryMiddleware", "RedirectMiddleware"})
