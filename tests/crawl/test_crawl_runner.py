from __future__ import annotations

import asyncio

import pytest

from shoal.crawl.crawl_task import CrawlTask
from shoal.crawl.runner import AsyncCrawlerRunner, CrawlerRunner
from shoal.crawl.spider import Spider


class Refused(Spider):
    name = "refused"

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        raise ValueError("a spider that cannot be made")


def test_a_spider_that_cannot_be_made_fails_its_crawl_and_marks_the_runner():
    async def run():
        runner = AsyncCrawlerRunner()
        with pytest.raises(ValueError, match="cannot be made"):
            await runner.crawl(Refused)
        await runner.join()
        return runner.bootstrap_failed, runner.crawlers

    assert asyncio.run(run()) == (True, set())


def test_a_crawler_does_not_run_twice():
    async def run():
        crawler = CrawlerRunner().create_crawler(Refused)
        with pytest.raises(ValueError, match="cannot be made"):
            await crawler.crawl_async()
        with pytest.raises(RuntimeError, match="more than once"):
            await crawler.crawl_async()

    asyncio.run(run())


@pytest.mark.parametrize("call", ["create_crawler", "crawl"])
def test_a_spider_object_is_refused(call):
    with pytest.raises(ValueError, match="cannot be a spider object"):
        getattr(CrawlerRunner(), call)(Spider(name="made"))


def test_the_end_of_a_crawl_can_be_heard_of_in_the_old_way():
    heard = []

    async def ends(problem):
        if problem:
            raise problem

    async def run():
        good = CrawlTask(ends(None)).addBoth(heard.append).addErrback(heard.append)
        bad = CrawlTask(ends(KeyError("k"))).addCallback(heard.append).addBoth(heard.append)
        await asyncio.gather(good, bad, return_exceptions=True)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert heard[0] is None
    assert heard[1].check(KeyError)
    assert len(heard) == 2
