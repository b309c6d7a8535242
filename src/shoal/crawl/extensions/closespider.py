"""Ends a crawl in good order when it has done, or not done, enough.

The one rule: only what the settings ask for is listened to, and a crawl is ended once, for the first reason.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.looping import begin, create_looping_call

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.looping import AsyncioLoopingCall

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.extensions.closespider")

# Which signals tell about which limit.
_LISTENERS = (
    ("errorcount", "spider_error", "error_count"),
    ("pagecount", "response_received", "page_count"),
    ("pagecount_no_item", "response_received", "page_without_item"),
    ("pagecount_no_item", "item_scraped", "item_after_pages"),
    ("itemcount", "item_scraped", "item_count"),
    ("timeout", "spider_opened", "spider_opened"),
    ("timeout_no_item", "spider_opened", "spider_opened_no_item"),
    ("timeout_no_item", "item_scraped", "item_in_time"),
)


class CloseSpider:
    """Counts towards the CLOSESPIDER_* limits; 0 is no limit. Raises NotConfigured when there is none at all."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.close_on: dict[str, Any] = {
            "timeout": settings.getfloat("CLOSESPIDER_TIMEOUT"),
            "itemcount": settings.getint("CLOSESPIDER_ITEMCOUNT"),
            "pagecount": settings.getint("CLOSESPIDER_PAGECOUNT"),
            "errorcount": settings.getint("CLOSESPIDER_ERRORCOUNT"),
            "timeout_no_item": settings.getint("CLOSESPIDER_TIMEOUT_NO_ITEM"),
            "pagecount_no_item": settings.getint("CLOSESPIDER_PAGECOUNT_NO_ITEM"),
        }
        if not any(self.close_on.values()):
            raise NotConfigured
        self.errors = self.pages = self.items = self.pages_since_item = 0
        self.items_in_period = 0
        self.timer: asyncio.TimerHandle | None = None
        self.watch: AsyncioLoopingCall | None = None
        self._closing = False
        for limit, signal, listener in _LISTENERS:
            if self.close_on[limit]:
                crawler.signals.connect(getattr(self, listener), signal=getattr(signals, signal))
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler."""
        return cls(crawler)

    def error_count(self) -> None:
        """A callback has failed."""
        self.errors += 1
        self._check("errorcount", self.errors)

    def page_count(self) -> None:
        """A response has come."""
        self.pages += 1
        self._check("pagecount", self.pages)

    def page_without_item(self) -> None:
        """A response has come, and no item since the last."""
        self.pages_since_item += 1
        self._check("pagecount_no_item", self.pages_since_item)

    def item_after_pages(self) -> None:
        """An item has come: count the responses anew."""
        self.pages_since_item = 0

    def item_count(self) -> None:
        """An item has come."""
        self.items += 1
        self._check("itemcount", self.items)

    def item_in_time(self) -> None:
        """An item has come in this period."""
        self.items_in_period += 1

    def spider_opened(self) -> None:
        """The time runs."""
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(self.close_on["timeout"], self._close, "closespider_timeout")

    def spider_opened_no_item(self) -> None:
        """Look after every period whether there was an item in it."""
        self.watch = create_looping_call(self._check_period)
        self.watch.start(self.close_on["timeout_no_item"], now=False)

    def _check_period(self) -> None:
        if self.items_in_period:
            self.items_in_period = 0
            return
        logger.info(
            "Closing spider since no items were produced in the last %(seconds)s seconds.",
            {"seconds": self.close_on["timeout_no_item"]},
            extra={"spider": self.crawler.spider},
        )
        self._close("closespider_timeout_no_item")

    def _check(self, limit: str, count: int) -> None:
        if count >= self.close_on[limit]:
            self._close(f"closespider_{limit}")

    def _close(self, reason: str) -> None:
        if not self._closing:
            self._closing = True
            begin(self.crawler.engine.close_spider_async(reason=reason))

    def spider_closed(self) -> None:
        """The time runs no more."""
        if self.timer is not None:
            self.timer.cancel()
        if self.watch is not None:
            self.watch.stop()
