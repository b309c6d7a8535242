from __future__ import annotations

import asyncio
from functools import wraps

import pytest

from shoal.crawl.failure import Failure, exc_info
from shoal.crawl.signals import SignalManager, item_scraped, spider_idle


@pytest.fixture
def manager():
    return SignalManager("the crawler")


def test_a_listener_gets_the_arguments_it_names(manager):
    seen = []
    manager.connect(lambda item: seen.append(item), item_scraped)  # noqa: PLW0108  a listener that names `item`
    manager.connect(lambda sender, **rest: seen.append((sender, sorted(rest))), item_scraped)
    manager.send_catch_log(item_scraped, item=1, spider="s")
    assert seen == [1, ("the crawler", ["item", "signal", "spider"])]


def test_a_failing_listener_is_logged_and_stops_nobody(manager, caplog):
    def fails(spider):
        raise ZeroDivisionError("nothing to divide")

    manager.connect(fails, spider_idle)
    manager.connect(lambda: "fine", spider_idle)
    (_, failure), (_, result) = manager.send_catch_log(spider_idle, spider="s")
    assert failure.check(ZeroDivisionError)
    assert result == "fine"
    assert "Error caught on signal handler" in caplog.text
    assert caplog.records[0].spider == "s"


def test_expected_exceptions_are_no_news(manager, caplog):
    def fails():
        raise KeyError("expected")

    manager.connect(fails, spider_idle)
    manager.send_catch_log(spider_idle, dont_log=KeyError)
    assert not caplog.records


def test_connecting_twice_is_connecting_once_and_disconnecting_undoes_it(manager):
    calls = []

    def listener():
        calls.append(1)

    manager.connect(listener, spider_idle)
    manager.connect(listener, spider_idle)
    assert manager.has_receivers(spider_idle)
    manager.send_catch_log(spider_idle)
    manager.disconnect(listener, spider_idle)
    manager.send_catch_log(spider_idle)
    assert calls == [1]
    assert not manager.has_receivers(spider_idle)


def test_coroutines_are_waited_for_at_the_same_time(manager):
    async def crawl():
        met = asyncio.Event()

        async def waits():
            await met.wait()
            return "waited"

        async def wakes():
            met.set()
            return "woke"

        manager.connect(waits, spider_idle)
        manager.connect(wakes, spider_idle)
        return [result for _, result in await manager.send_catch_log_async(spider_idle)]

    assert asyncio.run(crawl()) == ["waited", "woke"]


def test_a_coroutine_where_nobody_can_wait_is_an_error_in_the_log(manager, caplog):
    async def listener():
        raise AssertionError("never begun")

    manager.connect(listener, spider_idle)
    manager.send_catch_log(spider_idle)
    assert "Cannot return deferreds" in caplog.text


def test_waiting_for_a_signal_ends_when_it_is_sent(manager):
    async def crawl():
        waiting = asyncio.ensure_future(manager.wait_for(spider_idle))
        await asyncio.sleep(0)
        assert not waiting.done()
        manager.send_catch_log(spider_idle)
        await waiting

    asyncio.run(crawl())
    assert not manager.has_receivers(spider_idle)


def test_a_failure_answers_the_questions_spiders_ask():
    try:
        raise ConnectionRefusedError("no")
    except OSError:
        failure = Failure()
    assert failure.check(KeyError, OSError) is OSError
    assert failure.check("builtins.OSError") == "builtins.OSError"
    assert failure.check(KeyError) is None
    assert failure.getErrorMessage() == "no"
    assert "test_a_failure_answers" in failure.getTraceback()
    assert exc_info(failure)[:2] == (ConnectionRefusedError, failure.value)
    with pytest.raises(ConnectionRefusedError):
        failure.trap(KeyError)


def test_a_listener_is_called_in_the_way_it_can_be_called(manager):
    seen = []

    def usual(spider, item, reason="none"):
        seen.append(("usual", spider, item, reason))

    @wraps(usual)
    def decorated(**news):
        seen.append(("decorated", news))

    manager.connect(usual, item_scraped)
    manager.connect(decorated, item_scraped)
    manager.send_catch_log(item_scraped, item=1, spider="s")
    manager.send_catch_log(item_scraped, item=1, spider="s", reason="done")
    assert seen == [
        ("usual", "s", 1, "none"),
        ("decorated", {"spider": "s", "item": 1}),
        ("usual", "s", 1, "done"),
        ("decorated", {"spider": "s", "item": 1, "reason": "done"}),
    ]


def test_telling_plain_listeners_leaves_nothing_to_wait_for_and_their_failures_in_the_log(manager, caplog):
    seen = []
    manager.connect(seen.append, item_scraped)
    manager.connect(lambda item: 1 / item, item_scraped)
    manager.connect(lambda item: seen.append(item + 1), item_scraped)
    assert manager.tell(spider_idle) is None
    assert manager.tell(item_scraped, item=0, object=7) is None
    assert seen[-1] == 1
    assert "Error caught on signal handler" in caplog.text


def test_telling_gives_what_to_wait_for_when_a_listener_waits(manager, caplog):
    seen = []

    async def crawl():
        async def slow(item):
            await asyncio.sleep(0)
            seen.append(item)
            raise ValueError("too late")

        manager.connect(slow, item_scraped)
        manager.connect(lambda item: seen.append(-item), item_scraped)
        waiting = manager.tell(item_scraped, item=3)
        assert seen == [-3]
        await waiting

    asyncio.run(crawl())
    assert seen == [-3, 3]
    assert "too late" in caplog.text
