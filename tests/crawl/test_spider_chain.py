"""The chain of spider middlewares: who sees what, in which order, and what becomes of exceptions on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import InvalidOutput, ScrapyDeprecationWarning
from shoal.crawl.follow import FollowAll
from shoal.crawl.middleware.depth import DepthMiddleware
from shoal.crawl.middleware.spider import SpiderMiddlewareManager
from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse
from shoal.crawl.spider import Spider

REQUEST = Request("http://t/")


class Quiet(Spider):
    name = "quiet"


def chain_of(*middlewares: Any, spider: type[Spider] = Quiet) -> SpiderMiddlewareManager:
    """The first middleware is nearest to the engine, as with the numbers of SPIDER_MIDDLEWARES."""
    crawler = Crawler(spider, {"SPIDER_MIDDLEWARES_BASE": {}, "EXTENSIONS_BASE": {}})
    crawler._apply_settings()
    crawler.spider = crawler._create_spider()
    built = [kind.from_crawler(crawler) if isinstance(kind, type) else kind for kind in middlewares]
    return SpiderMiddlewareManager(*built, crawler=crawler)


def response_of(body: str = "") -> HtmlResponse:
    return HtmlResponse("http://t/", body=body, encoding="utf-8", request=REQUEST)


async def _all(chain: SpiderMiddlewareManager, callback: Any) -> list[Any]:
    async def scrape(response: Any, _request: Any) -> Any:
        return callback(response)

    return [thing async for thing in await chain.scrape_response_async(scrape, response_of(), REQUEST)]


def results(chain: SpiderMiddlewareManager, callback: Any) -> list[Any]:
    return asyncio.run(_all(chain, callback))


def numbers(*_response: Any) -> Any:
    yield {"n": 1}
    yield {"n": 2}


async def numbers_in_time(*_response: Any) -> AsyncIterator[Any]:
    for thing in numbers():
        await asyncio.sleep(0)
        yield thing


def failing(*_response: Any) -> Any:
    yield {"n": 1}
    raise LookupError("callback")


async def failing_in_time(*_response: Any) -> AsyncIterator[Any]:
    for thing in failing():
        yield thing


class Marks:
    """Writes its name into every item."""

    def __init__(self, name: str) -> None:
        self.name = name

    def mark(self, thing: Any) -> Any:
        return {**thing, "by": [*thing.get("by", ()), self.name]}


class Plain(Marks):
    def process_spider_output(self, response: Any, result: Any) -> Any:
        for thing in result:
            yield self.mark(thing)


class Waits(Marks):
    async def process_spider_output(self, response: Any, result: Any) -> Any:
        async for thing in result:
            yield self.mark(thing)


class ByItem(Marks, BaseSpiderMiddleware):
    def get_processed_item(self, item: Any, response: Any) -> Any:
        return self.mark(item)


KINDS = (Plain, Waits, ByItem)


@given(st.lists(st.sampled_from(KINDS), max_size=5), st.sampled_from([numbers, numbers_in_time]))
def test_any_mixture_of_kinds_is_passed_from_the_spider_to_the_engine(kinds: list[type[Marks]], callback: Any) -> None:
    chain = chain_of(*(kind(str(place)) for place, kind in enumerate(kinds)))
    order = [str(place) for place in reversed(range(len(kinds)))]
    expected = [{"n": n, "by": order} if order else {"n": n} for n in (1, 2)]
    assert results(chain, callback) == expected


class _ready:
    """Keeps an instance from being built a second time."""

    def __new__(cls, made: Any) -> Any:
        return type("Ready", (), {"from_crawler": staticmethod(lambda _crawler: made)})


def test_plain_results_need_not_be_waited_for() -> None:
    chain = chain_of(Plain("a"), ByItem("b"))

    async def look() -> None:
        async def scrape(*_: Any) -> Any:
            return numbers()

        output = await chain.scrape_response_async(scrape, response_of(), REQUEST)
        assert output.plain is not None
        assert [thing["n"] for thing in output.plain] == [1, 2]
        assert [thing async for thing in output] == []

    asyncio.run(look())


class Offers:
    """Is asked about exceptions, and answers as it was told to."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.seen: list[str] = []

    def process_spider_exception(self, response: Any, exception: Exception) -> Any:
        self.seen.append(repr(exception))
        return self.answer


@pytest.mark.parametrize("callback", [failing, failing_in_time])
@pytest.mark.parametrize("between", KINDS)
def test_an_exception_nobody_wants_is_offered_once_to_each(callback: Any, between: type[Marks]) -> None:
    first, second = Offers(), Offers()
    chain = chain_of(first, between("m"), second, between("n"))
    with pytest.raises(LookupError, match="callback"):
        results(chain, callback)
    assert first.seen == second.seen == ["LookupError('callback')"]


@pytest.mark.parametrize("callback", [failing, failing_in_time])
def test_what_a_handler_gives_passes_only_those_above_it(callback: Any) -> None:
    chain = chain_of(Plain("above"), Offers([{"n": 9}]), Plain("below"))
    assert results(chain, callback) == [{"n": 1, "by": ["below", "above"]}, {"n": 9, "by": ["above"]}]


def test_a_handler_may_be_an_async_generator() -> None:
    class Handler:
        async def process_spider_exception(self, response: Any, exception: Exception) -> Any:
            await asyncio.sleep(0)
            yield {"n": 9}

    assert results(chain_of(Handler()), failing) == [{"n": 1}, {"n": 9}]


def test_a_middleware_is_not_asked_about_its_own_failure() -> None:
    class Fails(Offers):
        def process_spider_output(self, response: Any, result: Any) -> Any:
            raise KeyError("mine")

    below, itself, above = Offers([]), Fails([]), Offers([{"n": 9}])
    assert results(chain_of(above, itself, below), numbers) == [{"n": 9}]
    assert (below.seen, itself.seen, above.seen) == ([], [], ["KeyError('mine')"])


def test_a_hook_that_fails_for_one_thing_is_a_failure_of_its_middleware() -> None:
    class Fails(BaseSpiderMiddleware):
        seen = 0

        def get_processed_item(self, item: Any, response: Any) -> Any:
            raise KeyError(item["n"])

        def process_spider_exception(self, response: Any, exception: Exception) -> Any:
            type(self).seen += 1

    above = Offers([])
    assert results(chain_of(above, Fails), numbers) == []
    assert above.seen == ["KeyError(1)"]
    assert Fails.seen == 0


class Refuses:
    def process_spider_input(self, response: Any) -> None:
        raise ValueError("refused")


def test_a_response_that_is_refused_goes_to_the_errback_as_a_failure() -> None:
    def errback(failure: Any) -> Any:
        return [{"why": str(failure.value)}]

    assert results(chain_of(Refuses()), errback) == [{"why": "refused"}]


def test_without_errback_the_refusal_is_offered_to_the_handlers() -> None:
    offers = Offers([])

    def no_errback(failure: Any) -> Any:
        failure.raiseException()

    assert results(chain_of(offers, Refuses()), no_errback) == []
    assert offers.seen == ["ValueError('refused')"]


def test_values_of_the_wrong_kind_are_named_and_not_offered_to_handlers() -> None:
    class Gives:
        def process_spider_output(self, response: Any, result: Any) -> Any:
            return None

    offers = Offers([])
    with pytest.raises(InvalidOutput, match=r"Gives\.process_spider_output must return an iterable"):
        results(chain_of(offers, Gives()), numbers)
    assert offers.seen == []


def test_hooks_that_require_the_spider_get_it() -> None:
    class Old:
        def process_spider_output(self, response: Any, result: Any, spider: Any) -> Any:
            return [{"spider": spider.name}]

    with pytest.warns(ScrapyDeprecationWarning, match="requires a spider argument"):
        chain = chain_of(Old())
    assert results(chain, numbers) == [{"spider": "quiet"}]


def links(response: Any) -> Any:
    yield FollowAll(response, ["/a", "/b"])


def test_links_stay_one_object_for_middlewares_that_can_see_them_later() -> None:
    chain = chain_of(DepthMiddleware)
    (whole,) = results(chain, links)
    assert type(whole) is FollowAll
    response = response_of()
    request = chain.process_link(Request("http://t/a"), response)
    assert request is not None
    assert request.meta["depth"] == 1


@pytest.mark.parametrize("kind", [Plain, Waits])
def test_links_become_requests_before_a_middleware_of_the_project(kind: Any) -> None:
    class Sees(kind):
        def mark(self, thing: Any) -> Any:
            return thing.url

    assert results(chain_of(DepthMiddleware, Sees("x")), links) == ["http://t/a", "http://t/b"]


def test_a_subclass_of_ours_that_does_more_sees_every_request() -> None:
    class Counts(DepthMiddleware):
        pass

    assert [type(thing) for thing in results(chain_of(Counts), links)] == [Request, Request]


async def _start(chain: SpiderMiddlewareManager, most: int = 10) -> list[Any]:
    begun = []
    start = await chain.process_start()
    async for thing in start:
        begun.append(thing)
        if len(begun) == most:
            break
    return begun


class OldStart:
    def process_start_requests(self, start_requests: Any, spider: Any) -> Any:
        yield Request(f"http://t/before-{spider.name}")
        yield from start_requests


def test_process_start_requests_of_old_takes_requests_as_they_are_wanted() -> None:
    taken = []

    class Endless(Spider):
        name = "endless"

        def start_requests(self) -> Any:
            number = 0
            while True:
                taken.append(number)
                yield Request(f"http://t/{number}")
                number += 1

    begun = asyncio.run(_start(chain_of(OldStart(), spider=Endless), 3))
    assert [request.url for request in begun] == ["http://t/before-endless", "http://t/0", "http://t/1"]
    assert taken == [0, 1]


def test_process_start_requests_of_old_works_with_an_async_start() -> None:
    class Modern(Spider):
        name = "modern"

        async def start(self) -> Any:
            yield Request("http://t/1")

    class New:
        async def process_start(self, start: Any) -> Any:
            async for thing in start:
                yield thing
            yield {"last": True}

    begun = asyncio.run(_start(chain_of(New(), OldStart(), spider=Modern)))
    assert [getattr(thing, "url", thing) for thing in begun] == ["http://t/before-modern", "http://t/1", {"last": True}]
