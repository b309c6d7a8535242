"""The chain of item pipelines: order, both signatures, plain and waiting, ends that hold whatever happens."""

import asyncio

import pytest

from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import DropItem, ScrapyDeprecationWarning
from shoal.crawl.pipelines import ItemPipelineManager
from shoal.crawl.pipelines.foreign import manager_call
from shoal.crawl.spider import Spider


class Noting(Spider):
    name = "noting"


class Plain:
    def process_item(self, item):
        return {**item, "path": [*item["path"], "plain"]}


class Waiting:
    async def process_item(self, item):
        await asyncio.sleep(0)
        return {**item, "path": [*item["path"], "waiting"]}


class WantsSpider:
    def open_spider(self, spider):
        self.opened = spider.name

    def process_item(self, item, spider):
        return {**item, "path": [*item["path"], spider.name]}


class MayHaveSpider:
    def process_item(self, item, spider=None):
        return {**item, "path": [*item["path"], spider]}


def chain(*pipelines):
    crawler = Crawler(Noting, {"ITEM_PIPELINES": {}})
    crawler.spider = crawler._create_spider()
    return ItemPipelineManager(*pipelines, crawler=crawler)


def through(manager, item):
    return asyncio.run(manager.process_item_async(item))


def test_an_item_passes_plain_and_waiting_pipelines_in_their_order():
    assert through(chain(Plain(), Waiting(), Plain()), {"path": []})["path"] == ["plain", "waiting", "plain"]


def test_a_pipeline_that_requires_the_spider_gets_it_and_one_that_need_not_does_not():
    with pytest.warns(ScrapyDeprecationWarning, match=r"WantsSpider.\w+\(\) requires a spider"):
        manager = chain(WantsSpider(), MayHaveSpider())
    asyncio.run(manager.open_spider_async())
    assert manager.middlewares[0].opened == "noting"
    assert through(manager, {"path": []})["path"] == ["noting", None]


def test_a_dropped_item_meets_no_further_pipeline():
    met = []

    class Dropping:
        def process_item(self, item):
            raise DropItem("no good")

    class After:
        def process_item(self, item):
            met.append(item)

    with pytest.raises(DropItem):
        through(chain(Dropping(), After()), {})
    assert met == []


def test_every_pipeline_is_closed_last_first_also_when_one_fails():
    closed = []

    class Closing:
        def __init__(self, name, problem=None):
            self.name, self.problem = name, problem

        async def close_spider(self):
            closed.append(self.name)
            if self.problem:
                raise self.problem

    class Hasty(Closing):
        def close_spider(self):
            closed.append(self.name)
            raise self.problem

    manager = chain(Closing("first"), Hasty("second", OSError("disk full")), Closing("third", ValueError("late")))
    with pytest.raises(OSError, match="disk full"):
        asyncio.run(manager.close_spider_async())
    assert sorted(closed) == ["first", "second", "third"]


def test_pipelines_given_as_a_list_run_in_its_order():
    crawler = Crawler(Noting, {"ITEM_PIPELINES": [Waiting, Plain]})
    crawler.spider = crawler._create_spider()
    manager = ItemPipelineManager.from_crawler(crawler)
    assert through(manager, {"path": []})["path"] == ["waiting", "plain"]


def test_the_method_a_project_wrote_last_is_the_one_that_is_called():
    class Older(ItemPipelineManager):
        def process_item(self, item, spider):
            return {"old": spider.name}

    class Newer(Older):
        async def process_item_async(self, item):
            return {"new": True}

    crawler = Crawler(Noting)
    crawler.spider = crawler._create_spider()
    with pytest.warns(ScrapyDeprecationWarning, match="overrides process_item"):
        call = manager_call(Older(crawler=crawler), "process_item", crawler)
    assert asyncio.run(call({})) == {"old": "noting"}
    assert asyncio.run(manager_call(Newer(crawler=crawler), "process_item", crawler)({})) == {"new": True}


def test_items_of_a_page_go_side_by_side_once_a_plain_method_has_given_something_to_wait_for():
    at_once = []

    class Fetching:
        running = 0

        async def fetch(self, item):
            self.running += 1
            at_once.append(self.running)
            for _ in range(20):
                await asyncio.sleep(0)
            self.running -= 1
            return item

        def process_item(self, item):
            return self.fetch(item)

    class Paging(Spider):
        name = "paging"
        start_urls = ("data:text/html,page",)

        def parse(self, response):
            for number in range(9):
                yield {"number": number}

    crawler = Crawler(Paging, {"ITEM_PIPELINES": {Fetching: 1}})
    asyncio.run(crawler.crawl_async())
    assert crawler.stats.get_value("item_scraped_count") == 9
    assert max(at_once) == 8
