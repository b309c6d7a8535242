"""AutoThrottle: delays that follow how fast a server answers.

The one rule: it only carries facts to the decision and the decision to the slot; AUTOTHROTTLE_BACKOFF_CODES
are the statuses by which a server asks for rest.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.download.slot import Slot
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.policy.throttle import Limits, delay_after, seconds_of

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.extensions.throttle")


class AutoThrottle:
    """Adjusts the delay of a slot with each answer. Raises NotConfigured when it is off or makes no sense."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        if not settings.getbool("AUTOTHROTTLE_ENABLED"):
            raise NotConfigured
        self.debug: bool = settings.getbool("AUTOTHROTTLE_DEBUG")
        self.target_concurrency: float = settings.getfloat("AUTOTHROTTLE_TARGET_CONCURRENCY")
        if self.target_concurrency <= 0.0:
            raise NotConfigured(f"AUTOTHROTTLE_TARGET_CONCURRENCY ({self.target_concurrency!r}) must be higher than 0.")
        self.mindelay: float = settings.getfloat("DOWNLOAD_DELAY")
        self.maxdelay: float = settings.getfloat("AUTOTHROTTLE_MAX_DELAY")
        self._rest_statuses = frozenset(int(code) for code in settings.getlist("AUTOTHROTTLE_BACKOFF_CODES"))
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._response_downloaded, signal=signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler."""
        return cls(crawler)

    def _spider_opened(self, spider: Spider) -> None:
        """Slots begin with the starting delay; old spiders have delays of their own as attributes."""
        settings = self.crawler.settings
        self.mindelay = getattr(spider, "download_delay", self.mindelay)
        self.maxdelay = getattr(spider, "autothrottle_max_delay", self.maxdelay)
        start = getattr(spider, "autothrottle_start_delay", settings.getfloat("AUTOTHROTTLE_START_DELAY"))
        self.crawler.engine.downloader._delay = max(self.mindelay, start)

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:  # noqa: ARG002
        meta = request.meta
        key, latency = meta.get("download_slot"), meta.get("download_latency")
        if key is None or latency is None or meta.get("autothrottle_dont_adjust_delay", False):
            return
        slot = self.crawler.engine.downloader.slots.get(key)
        if slot is None or getattr(slot, "throttle", None) is False:
            return
        before: float = slot.delay
        self._adjust_delay(slot, latency, response)
        if self.debug:
            self._tell(key, slot, before, latency, response)

    def _adjust_delay(self, slot: Any, latency: float, response: Response) -> None:
        slot.delay = delay_after(
            slot.delay,
            latency,
            response.status,
            Limits(self._least(slot), self.maxdelay, self.target_concurrency, self._rest_statuses),
            seconds_of(response.headers.get("Retry-After")) if response.status in self._rest_statuses else None,
        )

    def _least(self, slot: Any) -> float:
        """What the site asked for (Crawl-delay) is kept, too."""
        asked: float = slot.least if isinstance(slot, Slot) else 0.0
        return asked if asked > self.mindelay else self.mindelay

    def _tell(self, key: str, slot: Any, before: float, latency: float, response: Response) -> None:
        logger.info(
            "slot: %(slot)s | conc:%(concurrency)2d | delay:%(delay)5d ms (%(delaydiff)+d) | latency:%(latency)5d ms | "
            "size:%(size)6d bytes",
            {
                "slot": key,
                "concurrency": len(slot.transferring),
                "delay": slot.delay * 1000,
                "delaydiff": (slot.delay - before) * 1000,
                "latency": latency * 1000,
                "size": len(response.body),
            },
            extra={"spider": self.crawler.spider},
        )
