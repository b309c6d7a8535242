"""Several crawls in one process.

The one rule: crawls run in the loop that is running; nothing global is touched, so a process may run as many as it
likes.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from shoal.crawl.addons import AddonManager
from shoal.crawl.crawl_task import CrawlTask
from shoal.crawl.crawler import Crawler
from shoal.crawl.settings import Settings
from shoal.crawl.spiderloader import get_spider_loader

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from shoal.crawl.spider import Spider


class CrawlerRunnerBase:
    """Makes crawlers by spider class or by name, and keeps track of those that run."""

    def __init__(self, settings: Any = None) -> None:
        if not isinstance(settings, Settings):
            settings = Settings(settings)
        AddonManager.load_pre_crawler_settings(settings)
        self.settings: Settings = settings
        self.spider_loader = get_spider_loader(settings)
        self.bootstrap_failed = False
        self._crawlers: set[Crawler] = set()
        self._active: set[asyncio.Future[Any]] = set()

    @property
    def crawlers(self) -> set[Crawler]:
        """Those that run."""
        return self._crawlers

    def create_crawler(self, crawler_or_spidercls: type[Spider] | str | Crawler) -> Crawler:
        """A crawler for a spider class or a spider's name; a crawler comes back with the runner's settings.

        Raises ValueError for a spider object and KeyError for an unknown name.
        """
        if isinstance(crawler_or_spidercls, Crawler):
            if not crawler_or_spidercls.settings.frozen:
                crawler_or_spidercls.settings.update(self.settings)
            return crawler_or_spidercls
        if isinstance(crawler_or_spidercls, str):
            crawler_or_spidercls = self.spider_loader.load(crawler_or_spidercls)
        _reject_object(crawler_or_spidercls)
        return Crawler(crawler_or_spidercls, self.settings)

    def crawl(self, crawler_or_spidercls: type[Spider] | str | Crawler, *args: Any, **kwargs: Any) -> CrawlTask:
        """Begin a crawl in the running loop; the arguments are the spider's. Await what comes back for its end."""
        if not isinstance(crawler_or_spidercls, (str, Crawler)):
            _reject_object(crawler_or_spidercls)
        crawler = self.create_crawler(crawler_or_spidercls)
        return self._begin(self._crawl(crawler, *args, **kwargs))

    def _begin(self, crawling: Coroutine[Any, Any, None]) -> CrawlTask:
        task = CrawlTask(crawling)
        self._active.add(task)
        task.add_done_callback(self._active.discard)
        return task

    async def _crawl(self, crawler: Crawler, *args: Any, **kwargs: Any) -> None:
        self._crawlers.add(crawler)
        try:
            await crawler.crawl_async(*args, **kwargs)
        finally:
            self._crawlers.discard(crawler)
            self.bootstrap_failed |= crawler.spider is None

    async def stop(self) -> None:
        """End all crawls in good order and return when they have ended."""
        await asyncio.gather(*(crawler.stop_async() for crawler in list(self._crawlers)))

    async def join(self) -> None:
        """Wait until no crawl runs, including those that are begun meanwhile."""
        while self._active:
            await asyncio.gather(*self._active, return_exceptions=True)


class CrawlerRunner(CrawlerRunnerBase):
    """Scrapy's runner. What `crawl` returns may also be given to `addBoth`, as old run scripts do."""


class AsyncCrawlerRunner(CrawlerRunnerBase):
    """Scrapy's runner for coroutines: the same."""


def _reject_object(spidercls: Any) -> None:
    if not inspect.isclass(spidercls):
        raise ValueError(
            "The crawler_or_spidercls argument cannot be a spider object, "
            "it must be a spider class (or a Crawler object)"
        )
