"""Slots: how many requests at once, how long between them. No network: the handler is the test's own."""

from __future__ import annotations

import asyncio
import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl import signals
from shoal.crawl.download import downloader as downloader_module
from shoal.crawl.download.downloader import Downloader
from shoal.crawl.download.resolved import dnscache, pairs_of
from shoal.crawl.download.slot import Slot
from shoal.crawl.exceptions import NotSupported
from shoal.crawl.policy.slots import is_stale, time_to_wait, varied_delay
from shoal.crawl.request import Request
from shoal.crawl.response import Response
from shoal.scrapy.utils.test import get_crawler

seconds = st.floats(0, 1e6)


class Held:
    """A handler that answers when it is told to; `most` is the greatest number it had at once."""

    lazy = False

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Future] = {}
        self.started: list[str] = []
        self.most = 0

    async def download_request(self, request):
        self.started.append(request.url)
        self.waiting[request.url] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.waiting))
        try:
            await self.waiting[request.url]
        finally:
            del self.waiting[request.url]
        return Response(request.url)


class Clock:
    """The time of the downloader and of its loop's timers, moved by hand."""

    def __init__(self, monkeypatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(downloader_module, "time", lambda: self.now)


def make_downloader(**settings):
    crawler = get_crawler(
        settings_dict={"DOWNLOAD_HANDLERS": {"test": Held}, "DOWNLOADER_MIDDLEWARES_BASE": {}, **settings}
    )
    crawler.spider = crawler._create_spider()
    downloader = Downloader(crawler)
    return downloader, downloader.handlers._handlers["test"]


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def finish(tasks, handler, downloader):
    while not all(task.done() for task in tasks):
        for future in list(handler.waiting.values()):
            if not future.done():
                future.set_result(None)
        await asyncio.sleep(0)
    downloader.close()
    return [task.result() for task in tasks]


def test_no_more_requests_of_a_host_are_on_their_way_than_may_be():
    async def run():
        downloader, handler = make_downloader(CONCURRENT_REQUESTS_PER_DOMAIN=3)
        tasks = [asyncio.ensure_future(downloader.fetch(Request(f"test://a/{n}"))) for n in range(10)]
        await settle()
        assert len(handler.waiting) == 3
        assert len(downloader.slots["a"].active) == 10
        assert len(downloader.active) == 10
        await finish(tasks, handler, downloader)
        assert handler.started == [f"test://a/{n}" for n in range(10)]
        assert not downloader.active
        assert not downloader.slots["a"].active
        assert handler.most == 3

    asyncio.run(run())


def test_a_slow_host_stops_no_other():
    async def run():
        downloader, handler = make_downloader(CONCURRENT_REQUESTS_PER_DOMAIN=1)
        tasks = [
            asyncio.ensure_future(downloader.fetch(Request(f"test://{host}/{n}"))) for host in "ab" for n in (1, 2)
        ]
        await settle()
        assert sorted(handler.waiting) == ["test://a/1", "test://b/1"]
        await finish(tasks, handler, downloader)

    asyncio.run(run())


def test_delays_count_from_start_to_start(monkeypatch):
    clock = Clock(monkeypatch)
    waits: list[float] = []

    async def run():
        downloader, handler = make_downloader(DOWNLOAD_DELAY=5, DOWNLOAD_DELAY_JITTER=0)
        loop = asyncio.get_running_loop()
        real = loop.call_later

        def call_later(delay, call, *args):
            waits.append(delay)
            clock.now += delay
            return real(0, call, *args)

        monkeypatch.setattr(loop, "call_later", call_later)
        tasks = [asyncio.ensure_future(downloader.fetch(Request(f"test://a/{n}"))) for n in range(3)]
        await finish(tasks, handler, downloader)

    asyncio.run(run())
    assert waits == [5, 5]


def test_a_cancelled_request_leaves_its_place_to_the_next():
    async def run():
        downloader, handler = make_downloader(CONCURRENT_REQUESTS_PER_DOMAIN=1)
        tasks = [asyncio.ensure_future(downloader.fetch(Request(f"test://a/{n}"))) for n in range(3)]
        await settle()
        tasks[0].cancel()
        tasks[1].cancel()
        await settle()
        assert list(handler.waiting) == ["test://a/2"]
        await finish(tasks[2:], handler, downloader)
        assert not downloader.slots["a"].transferring
        assert not downloader.active

    asyncio.run(run())


def test_the_engine_is_told_to_hold_back():
    async def run():
        downloader, handler = make_downloader(CONCURRENT_REQUESTS=2)
        assert not downloader.needs_backout()
        tasks = [asyncio.ensure_future(downloader.fetch(Request(f"test://{n}/"))) for n in range(2)]
        await settle()
        assert downloader.needs_backout()
        await finish(tasks, handler, downloader)
        assert not downloader.needs_backout()

    asyncio.run(run())


def test_a_slot_may_be_chosen_and_is_noted():
    async def run():
        downloader, handler = make_downloader()
        requests = [
            Request("test://a/", meta={"download_slot": "mine"}),
            Request("test://a/x", meta={"download_slot": None}),
        ]
        tasks = [asyncio.ensure_future(downloader.fetch(request)) for request in requests]
        await finish(tasks, handler, downloader)
        assert set(downloader.slots) == {"mine", "a"}
        assert [request.meta["download_slot"] for request in requests] == ["mine", "a"]

    asyncio.run(run())


def test_a_slot_has_settings_of_its_own():
    downloader, _ = make_downloader(
        DOWNLOAD_SLOTS={"a": {"concurrency": 1, "delay": 2, "jitter": 0, "throttle": False}}
    )
    slot = downloader._get_slot(Request("test://a/"))[1]
    assert (slot.concurrency, slot.delay, slot.jitter, slot.throttle) == (1, 2, 0, False)
    other = downloader._get_slot(Request("test://b/"))[1]
    assert (other.concurrency, other.delay, other.jitter, other.throttle) == (8, 0, 0.5, None)


def test_who_listens_hears_of_every_request():
    heard: list[str] = []

    async def run():
        downloader, handler = make_downloader()
        names = ("request_reached_downloader", "response_downloaded", "request_left_downloader")
        for name in names:
            downloader.signals.connect(functools.partial(heard.append, name), getattr(signals, name))
        await finish([asyncio.ensure_future(downloader.fetch(Request("test://a/")))], handler, downloader)
        assert heard == list(names)

    asyncio.run(run())


def test_a_scheme_that_nobody_speaks_is_refused_and_leaves_nothing_behind():
    async def run():
        downloader, _ = make_downloader()
        with pytest.raises(NotSupported, match="Unsupported URL scheme 'gopher'"):
            await downloader.fetch(Request("gopher://a/"))
        assert not downloader.active
        assert not downloader.slots["a"].active
        assert not downloader.slots["a"].transferring

    asyncio.run(run())


def test_slots_that_are_long_idle_are_forgotten():
    downloader, _ = make_downloader()
    for n in range(100):
        downloader._get_slot(Request(f"test://host{n}/"))
    downloader._slot_gc(age=0)
    assert not downloader.slots


def test_hosts_of_one_address_share_a_slot_where_that_is_set():
    downloader, _ = make_downloader()
    downloader.ip_concurrency = 1
    dnscache["a.example"] = dnscache["b.example"] = "127.0.0.9"
    try:
        assert {downloader.get_slot_key(Request(f"test://{host}.example/")) for host in "ab"} == {"127.0.0.9"}
    finally:
        del dnscache["a.example"], dnscache["b.example"]


def test_overrides_of_addresses_are_read_in_both_forms():
    assert pairs_of({"a": "127.0.0.1"}) == pairs_of(["a:127.0.0.1"]) == [("a", "127.0.0.1")]
    assert pairs_of(["a:::1"]) == [("a", "::1")]
    with pytest.raises(ValueError, match="'a' is not of the form host:address"):
        pairs_of(["a"])


def test_a_slot_tells_its_state():
    assert str(Slot(2, 0.5, 0)).startswith("<downloader.Slot concurrency=2 delay=0.50 jitter=0 len(active)=0")


@given(seconds, st.floats(0, 1), st.floats(0, 1))
def test_a_delay_varies_within_its_bounds(delay, jitter, chance):
    varied = varied_delay(delay, jitter, chance)
    assert delay * (1 - jitter) * 0.999 - 1e-9 <= varied <= delay * (1 + jitter) * 1.001 + 1e-9


@given(seconds, seconds, seconds)
def test_nobody_waits_longer_than_one_delay(delay, last_start, now):
    assert time_to_wait(delay, last_start, now) <= delay
    if now >= last_start + delay:
        assert time_to_wait(delay, last_start, now) <= 1e-6


@given(seconds, seconds, seconds)
def test_a_slot_in_its_delay_is_never_stale(last_start, delay, age):
    assert not is_stale(last_start, delay, age, last_start + delay)
