"""The parts of a crawl over several processes that decide: who gets what, how statistics and requests travel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.frontier.leases import Ack, Entry
from shoal.crawl.frontier.leases_memory import MemoryLeases
from shoal.crawl.payloads import JsonRequest
from shoal.crawl.request import Request
from shoal.crawl.settings import Settings
from shoal.crawl.spider import Spider
from shoal.crawl.spread.division import divide, keep_whole, may_share, share
from shoal.crawl.spread.leasing import Leasing
from shoal.crawl.spread.merging import changed, merge
from shoal.crawl.spread.wire import RequestText, urls_of


class Writer(Spider):
    name = "writer"

    def read(self, response):
        pass

    def missed(self, failure):
        pass


WRITER = Writer()
PLAIN = st.none() | st.booleans() | st.integers(-9, 2**70) | st.text() | st.floats(allow_nan=False)
RICH = PLAIN | st.binary() | st.lists(PLAIN) | st.tuples(PLAIN) | st.dictionaries(st.text() | st.integers(), PLAIN)


@given(
    path=st.text() | st.just("\xe9"),
    callback=st.sampled_from([None, WRITER.read]),
    errback=st.sampled_from([None, None, WRITER.missed]),
    meta=st.dictionaries(st.text(), RICH, max_size=3),
    headers=st.dictionaries(st.sampled_from(["Referer", "X-One"]), st.sampled_from(["a", "\u00e9", "http://a/?b"])),
    priority=st.integers(-3, 3),
    dont_filter=st.booleans(),
    body=st.sampled_from([b"", b"", b"\xff"]),
    cb_kwargs=st.dictionaries(st.text(), RICH, max_size=1),
)
def test_a_request_is_the_same_after_its_journey(path, **members):
    request = Request("http://host/" + path, encoding="latin-1" if path == "\xe9" else "utf-8", **members)
    texts = RequestText(WRITER)
    for _ in range(2):  # the second time much is known
        again = texts.read(texts.write(request))
        assert type(again) is Request
        assert again.to_dict(spider=WRITER) == request.to_dict(spider=WRITER)


def test_requests_of_other_classes_travel_too():
    texts = RequestText(WRITER)
    again = texts.read(texts.write(JsonRequest("http://host/", data={"a": 1}, callback=WRITER.read)))
    assert (type(again), again.body, again.callback) == (JsonRequest, b'{"a": 1}', WRITER.read)


def test_what_two_requests_share_is_not_mixed_up():
    texts = RequestText(WRITER)
    meta = {"n": 1}
    first = texts.write(Request("http://host/1", WRITER.read, meta=meta))
    second = texts.write(Request("http://host/2", WRITER.read, meta={"n": True}))
    third = Request("http://host/3", WRITER.read, meta=meta)
    third.meta["n"] = 2
    assert [texts.read(text).meta["n"] for text in (first, second, texts.write(third))] == [1, True, 2]
    assert texts.read(second).meta["n"] is True


@pytest.mark.parametrize("odd", [{"callback": lambda _: None}, {"meta": {"open": object()}}, {"callback": print}])
def test_what_is_no_data_is_refused(odd):
    with pytest.raises((ValueError, TypeError)):
        RequestText(WRITER).write(Request("http://host/", **odd))


def test_a_text_with_a_callback_that_the_spider_has_not_is_refused():
    with pytest.raises(ValueError, match="no_such"):
        RequestText(WRITER).read('["http://host/","no_such","utf-8",0,false,null,null]')


@given(st.integers(1, 300), st.integers(1, 9))
def test_what_is_divided_is_given_away_and_nobody_gets_nothing(total, among):
    parts = [share(total, number, among) for number in range(among)]
    assert sum(parts) == max(total, among)
    assert max(parts) - min(parts) <= 1


def test_no_limit_stays_no_limit():
    assert share(0, 1, 2) == 0


def test_extensions_are_the_coordinators_or_the_workers():
    whole, part = Settings(), Settings()
    keep_whole(whole)
    divide(part, 0, 2, 2)
    ours, theirs = ({key.rpartition(".")[2] for key in each["EXTENSIONS_BASE"]} for each in (whole, part))
    assert {"FeedExporter", "CloseSpider", "LogStats", "CoreStats"} <= ours
    assert {"AutoThrottle", "MemoryUsage", "CoreStats"} <= theirs
    assert not {"FeedExporter", "CloseSpider", "LogStats"} & theirs
    assert "AutoThrottle" not in ours
    assert (part["CONCURRENT_REQUESTS"], part["CONCURRENT_REQUESTS_PER_DOMAIN"], part["FEEDS"].attributes) == (8, 4, {})


@pytest.mark.parametrize(
    ("settings", "shared"),
    [
        ({}, False),
        ({"SHARE_HOSTS": "1"}, True),
        ({"SHARE_HOSTS": True, "DOWNLOAD_DELAY": 0.1}, False),
        ({"SHARE_HOSTS": True, "AUTOTHROTTLE_ENABLED": True}, False),
    ],
)
def test_hosts_are_shared_only_where_nobody_keeps_a_distance(settings, shared):
    assert may_share(Settings(settings)) is shared


def test_statistics_are_added_up_except_where_their_names_say_otherwise():
    whole, known, told = {"item_scraped_count": 7, "finish_reason": "finished"}, [{}, {}], [{}, {}]
    rounds = [
        ({"n": 1, "request_depth_max": 4, "x/min": 3, "item_scraped_count": 99, "when": "early"}, {"n": 2}),
        ({"n": 5, "request_depth_max": 5, "x/min": 2, "finish_reason": "other"}, {"n": 2, "request_depth_max": 3}),
    ]
    for counted in rounds:
        for worker, stats in enumerate(counted):
            merge(whole, known[worker], changed(told[worker], stats))
    assert whole == {
        "item_scraped_count": 7,
        "finish_reason": "finished",
        "n": 7,
        "request_depth_max": 5,
        "x/min": 2,
        "when": "early",
    }


def leasing(hosts, each, **more):
    frontier = MemoryLeases()
    frontier.add(Entry(f"h{host}", f"[{n}]") for host in range(hosts) for n in range(each))
    options = {"shared": False, "at_once": 8, "ttl": float("inf")}
    return Leasing(frontier, **options | more)


def test_hosts_are_dealt_out_evenly():
    dealer = leasing(10, 5)
    dealer.join(1, 0)
    dealer.join(2, 0)
    given = dict(dealer.give(0))
    assert {number: len(leases) for number, leases in given.items()} == {1: 5, 2: 5}


def test_a_shared_host_is_dealt_out_to_all_even_when_little_waits():
    dealer = leasing(1, 8, shared=True)
    dealer.join(1, 0)
    dealer.join(2, 0)
    counts = {number: sum(len(lease.entries) for lease in leases) for number, leases in dealer.give(0)}
    assert counts == {1: 4, 2: 4}


def test_batches_grow_with_speed_and_shrink_with_slowness():
    dealer = leasing(1, 5000)
    dealer.join(1, 0)
    now, sizes = 0.0, []
    for seconds in (0.01, 0.01, 0.01, 5.0, 5.0):
        for number, leases in list(dealer.give(now)):
            now += seconds
            dealer.ack(number, [Ack(lease.token) for lease in leases], now)
            sizes.append(len(leases[0].entries))
    assert sizes[0] < sizes[1] < sizes[2]
    assert len(next(dealer.give(now))[1][0].entries) < max(sizes)


def test_what_a_lost_worker_had_goes_to_the_others_after_the_delay():
    dealer = leasing(1, 4, delay=2.0)
    dealer.join(1, 0)
    ((_, leases),) = dealer.give(0)
    assert dealer.leave(1, 10) == 4
    dealer.join(2, 10)
    assert list(dealer.give(12.9)) == []
    ((number, again),) = dealer.give(13)
    assert (number, again[0].entries) == (2, leases[0].entries)
    assert dealer.ack(1, [Ack(leases[0].token)], 14) == 0


def test_a_sign_of_life_renews_leases():
    dealer = leasing(1, 4, ttl=9.0)
    dealer.join(1, 0)
    list(dealer.give(0))
    assert not dealer.renew(1, 2)
    assert dealer.renew(1, 6)
    dealer.join(2, 8)
    assert dealer.silent(15) == []
    assert dealer.silent(16) == [1]
    dealer.leave(1, 16)
    assert [number for number, _ in dealer.give(16)] == [2]


def test_urls_of_requests_are_told_without_reading_them():
    texts = RequestText(WRITER)
    urls = ["http://host/a?b=c#d", "http://host/%22", "http://host/"]
    assert urls_of([texts.write(Request(url, WRITER.read)) for url in urls]) == [
        "http://host/a?b=c",
        "http://host/%22",
        "http://host/",
    ]
