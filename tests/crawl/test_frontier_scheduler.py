from __future__ import annotations

import asyncio
import dataclasses
import logging
import pickle
from types import SimpleNamespace

import pytest

from shoal.crawl import squeues
from shoal.crawl.components import build_from_crawler
from shoal.crawl.crawler import Crawler
from shoal.crawl.frontier.memory import MemoryFrontier, SlotFrontier
from shoal.crawl.item import Field, Item
from shoal.crawl.payloads import JsonRequest
from shoal.crawl.pqueues import ScrapyPriorityQueue
from shoal.crawl.request import Request
from shoal.crawl.request_data import request_from_members, request_members
from shoal.crawl.response_base import Response
from shoal.crawl.scheduler import Scheduler
from shoal.crawl.scheduler_base import BaseScheduler
from shoal.crawl.spider import Spider

FILES = {"SCHEDULER_DISK_QUEUE": "scrapy.squeues.DataLifoDiskQueue"}
SQLITE = {
    "SCHEDULER_DISK_QUEUE": "scrapy.squeues.DataLifoSQLiteQueue",
    "SCHEDULER_START_DISK_QUEUE": "scrapy.squeues.DataFifoSQLiteQueue",
}
ONE_QUEUE = {"SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue"}


class Pages(Spider):
    name = "pages"

    def parse_page(self, response): ...

    def failed(self, failure): ...


class Quote(Item):
    text = Field()


@dataclasses.dataclass
class Author:
    name: str
    born: int


class Downloader:
    def __init__(self):
        self.slots = {}

    def get_slot_key(self, request):
        return request.url.split("/")[2]


class OwnQueue(ScrapyPriorityQueue):
    """A project's own: to be used as it is."""


def made(folder=None, **settings):
    crawler = Crawler(Pages, {"JOBDIR": folder and str(folder), **settings})
    crawler._apply_settings()
    crawler.spider = crawler._create_spider()
    crawler.engine = SimpleNamespace(downloader=Downloader())
    return build_from_crawler(Scheduler, crawler)


def opened(folder=None, **settings):
    scheduler = made(folder, **settings)
    scheduler.open(scheduler.crawler.spider)
    return scheduler


def drained(scheduler):
    while (request := scheduler.next_request()) is not None:
        yield request


def urls(scheduler):
    return [request.url for request in drained(scheduler)]


def test_a_request_made_before_is_refused_and_counted():
    scheduler = opened()
    assert scheduler.enqueue_request(Request("https://a.example/?x=1&y=2"))
    assert not scheduler.enqueue_request(Request("https://a.example/?y=2&x=1#there"))
    assert scheduler.enqueue_request(Request("https://a.example/?x=1&y=2", dont_filter=True))
    assert scheduler.stats.get_stats()["dupefilter/filtered"] == 1
    assert len(urls(scheduler)) == 2


def test_what_goes_in_and_out_is_counted_by_place(tmp_path):
    scheduler = opened(tmp_path)
    scheduler.enqueue_request(Request("https://a.example/1"))
    scheduler.enqueue_request(Request("https://a.example/2", meta={"not data": object()}))
    assert scheduler.has_pending_requests()
    assert len(scheduler) == 2
    assert urls(scheduler) == ["https://a.example/2", "https://a.example/1"]
    scheduler.close("finished")
    counted = {name: value for name, value in scheduler.stats.get_stats().items() if name.startswith("scheduler/")}
    assert counted == {
        "scheduler/enqueued": 2,
        "scheduler/enqueued/disk": 1,
        "scheduler/enqueued/memory": 1,
        "scheduler/unserializable": 1,
        "scheduler/dequeued": 2,
        "scheduler/dequeued/disk": 1,
        "scheduler/dequeued/memory": 1,
    }


@pytest.mark.parametrize("debug", [True, False])
def test_the_first_request_that_only_waits_in_memory_is_told_debugged_or_not(tmp_path, caplog, debug):
    scheduler = opened(tmp_path, SCHEDULER_DEBUG=debug)
    for number in range(3):
        scheduler.enqueue_request(Request(f"https://a.example/{number}", meta={"not data": object()}))
    scheduler.close("finished")
    (told,) = [record for record in caplog.records if record.name == "scrapy.core.scheduler"]
    assert told.levelno == logging.WARNING
    assert "https://a.example/0" in told.getMessage()
    assert bool(told.exc_info) == debug


@pytest.mark.parametrize("settings", [FILES, SQLITE, FILES | ONE_QUEUE, SQLITE | ONE_QUEUE])
def test_a_job_goes_on_where_it_was_paused(tmp_path, caplog, settings):
    caplog.set_level(logging.INFO)
    scheduler = opened(tmp_path, **settings)
    for number in range(5):
        scheduler.enqueue_request(Request(f"https://a.example/{number}", priority=number % 2))
    scheduler.next_request()
    scheduler.close("shutdown")

    scheduler = opened(tmp_path, **settings)
    assert not scheduler.enqueue_request(Request("https://a.example/0"))
    assert urls(scheduler) == [f"https://a.example/{number}" for number in (1, 4, 2, 0)]
    scheduler.close("finished")
    assert "Resuming crawl (4 requests scheduled)" in caplog.text
    assert "cut off" not in caplog.text


@pytest.mark.parametrize("more", [{}, ONE_QUEUE])
def test_a_job_in_sqlite_that_was_cut_off_loses_nothing_and_says_so(tmp_path, caplog, more):
    cut_off = opened(tmp_path, **SQLITE, **more)
    wanted = {f"https://{host}.example/{number}" for host in "ab" for number in range(3)}
    for number, url in enumerate(sorted(wanted)):
        cut_off.enqueue_request(Request(url, priority=number % 2, meta={"is_start_request": number % 3 == 0}))
    leave_as_a_killed_process_does(cut_off)

    scheduler = opened(tmp_path, **SQLITE, **more)
    assert "was cut off" in caplog.text
    assert set(urls(scheduler)) == wanted
    scheduler.close("finished")


def leave_as_a_killed_process_does(scheduler):
    """Close only what the end of a process closes: descriptors."""
    for queues in getattr(scheduler.dqs, "pqueues", {"": scheduler.dqs}).values():
        for queue in [*queues.queues.values(), *queues._start_queues.values()]:
            queue._db.close()
    scheduler.df.close("")


def test_a_job_begun_with_another_priority_queue_is_refused_and_can_go_on_with_its_own(tmp_path):
    scheduler = opened(tmp_path, **FILES, **ONE_QUEUE)
    scheduler.enqueue_request(Request("https://a.example/"))
    scheduler.close("shutdown")
    refused = made(tmp_path, **FILES)
    with pytest.raises(ValueError, match="as a dict"):
        refused.open(refused.crawler.spider)
    refused.df.close("")
    scheduler = opened(tmp_path, **FILES, **ONE_QUEUE)
    assert urls(scheduler) == ["https://a.example/"]
    scheduler.close("finished")


def test_a_job_of_another_kind_of_queue_is_refused_and_stays_as_it_is(tmp_path):
    pickles = {"SCHEDULER_DISK_QUEUE": "scrapy.squeues.PickleLifoDiskQueue"}
    scheduler = opened(tmp_path, **pickles)
    scheduler.enqueue_request(Request("https://a.example/"))
    scheduler.close("shutdown")
    refused = made(tmp_path, **FILES)
    with pytest.raises(ValueError, match="cannot be read by DataLifoDiskQueue"):
        refused.open(refused.crawler.spider)
    refused.df.close("")
    scheduler = opened(tmp_path, **pickles)
    assert urls(scheduler) == ["https://a.example/"]
    scheduler.close("finished")


@pytest.mark.parametrize("more", [{}, ONE_QUEUE])
def test_a_request_whose_callback_is_gone_is_told_and_left_behind(tmp_path, caplog, more):
    scheduler = opened(tmp_path, **FILES, **more)
    spider = scheduler.spider
    scheduler.enqueue_request(Request("https://a.example/1"))
    scheduler.enqueue_request(Request("https://a.example/2", spider.parse_page))
    scheduler.enqueue_request(Request("https://a.example/3", spider.parse_page))
    scheduler.enqueue_request(Request("https://a.example/4"))
    scheduler.close("shutdown")

    scheduler = opened(tmp_path, **FILES, **more)
    queues = getattr(scheduler.dqs, "pqueues", {"": scheduler.dqs}).values()
    for queue in [queue for one in queues for queue in one.queues.values()]:
        queue.spider = Spider("without")
    assert urls(scheduler) == ["https://a.example/4", "https://a.example/1"]
    scheduler.close("finished")
    assert scheduler.stats.get_value("scheduler/unreadable") == 2
    assert caplog.text.count("'parse_page' not found") == 2


def test_a_damaged_state_is_named(tmp_path):
    (tmp_path / "requests.queue").mkdir()
    (tmp_path / "requests.queue" / "active.json").write_text("{")
    scheduler = made(tmp_path, **FILES)
    with pytest.raises(ValueError, match=r"active\.json is damaged"):
        scheduler.open(scheduler.crawler.spider)
    scheduler.df.close("")


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, SlotFrontier),
        (ONE_QUEUE, MemoryFrontier),
        (ONE_QUEUE | {"SCHEDULER_START_MEMORY_QUEUE": None}, MemoryFrontier),
        ({"SCHEDULER_PRIORITY_QUEUE": OwnQueue}, OwnQueue),
        (ONE_QUEUE | {"SCHEDULER_MEMORY_QUEUE": type("Own", (squeues.LifoMemoryQueue,), {})}, ScrapyPriorityQueue),
    ],
)
def test_classes_of_the_project_are_used_as_they_are_the_usual_ones_by_something_faster(settings, kind):
    scheduler = opened(**settings)
    assert type(scheduler.mqs) is kind
    for number in range(3):
        scheduler.enqueue_request(Request(f"https://a.example/{number}"))
    assert urls(scheduler) == [f"https://a.example/{number}" for number in (2, 1, 0)]


def test_a_scheduler_is_whatever_has_its_methods():
    class Own:
        def has_pending_requests(self): ...

        def enqueue_request(self, request): ...

        def next_request(self): ...

    class Half:
        def next_request(self): ...

    assert issubclass(Own, BaseScheduler)
    assert isinstance(Own(), BaseScheduler)
    assert not issubclass(Half, BaseScheduler)
    assert not issubclass(Own, Scheduler)
    assert issubclass(Scheduler, BaseScheduler)


def test_a_filter_may_be_waited_for():
    class Filter:
        async def open(self):
            return "open"

        async def close(self, reason):
            return reason

    scheduler = Scheduler(Filter(), crawler=None)
    scheduler._in_memory = MemoryFrontier
    assert asyncio.run(scheduler.open(None)) == "open"
    assert asyncio.run(scheduler.close("finished")) == "finished"


FULL = {
    "method": "POST",
    "headers": {"X-Id": ["1", "2"]},
    "body": b"\x00\xff",
    "cookies": [{"name": "a", "value": "b"}],
    "meta": {"depth": 2, "item": Quote(text="so"), "author": Author("Ann", 1900), "pair": (1, b"2"), 3: {4}},
    "encoding": "latin-1",
    "priority": -3,
    "dont_filter": True,
    "flags": ["seen"],
    "cb_kwargs": {"page": 2},
}


@pytest.mark.parametrize("queue", [squeues.DataLifoDiskQueue, squeues.DataFifoSQLiteQueue])
@pytest.mark.parametrize("kind", [Request, JsonRequest])
@pytest.mark.parametrize("members", [{}, FULL])
def test_a_request_comes_back_from_disk_with_all_its_members(tmp_path, queue, kind, members):
    spider = Pages()
    request = kind("https://a.example/ü?q=ü", callback=spider.parse_page, errback=spider.failed, **members)
    kept = queue(SimpleNamespace(spider=spider), str(tmp_path / "deep" / "queue"))
    kept.push(request)
    assert kept.peek().to_dict(spider=spider) == request.to_dict(spider=spider)
    back = kept.pop()
    kept.close()
    assert type(back) is kind
    assert back.to_dict(spider=spider) == request.to_dict(spider=spider)
    assert back.callback == spider.parse_page


def test_of_a_usual_request_little_is_kept():
    spider = Pages()
    assert request_members(Request("https://a.example/", spider.parse_page), spider) == {
        "url": "https://a.example/",
        "callback": "parse_page",
    }


@pytest.mark.parametrize("member", ["callback", "errback"])
def test_a_function_that_is_no_method_of_the_spider_is_refused(member):
    with pytest.raises(ValueError, match="not an instance method"):
        request_members(Request("https://a.example/", **{member: print}), Pages())


@pytest.mark.parametrize("path", ["os.system", "subprocess.Popen", "shoal.crawl.request_data.request_members"])
def test_a_job_directory_cannot_name_what_is_called(path):
    with pytest.raises(ValueError, match="no class of requests"):
        request_from_members({"_class": path, "url": "https://a.example/"}, Pages())


def test_no_queue_but_those_named_after_pickle_reads_pickles(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("code from a job directory was run",))

    (tmp_path / "queue").mkdir()
    trap = squeues._serializable_queue(squeues.queuelib.FifoDiskQueue, pickle.dumps, pickle.loads)
    queue = trap(str(tmp_path / "queue"))
    queue.push(Trap())
    queue.close()
    reader = squeues.DataFifoDiskQueue(SimpleNamespace(spider=None), str(tmp_path / "queue"))
    with pytest.raises(ValueError, match=r".+"):
        reader.pop()
    reader.close()


def test_a_response_in_meta_is_no_data(tmp_path):
    queue = squeues.DataLifoDiskQueue(SimpleNamespace(spider=None), str(tmp_path / "queue"))
    with pytest.raises(ValueError, match="Response"):
        queue.push(Request("https://a.example/", meta={"response": Response("https://a.example/")}))
    queue.close()
