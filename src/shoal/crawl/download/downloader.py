"""The downloader: so many requests at once, so many per host, so long between them; then the handlers.

The one rule: a request counts as active from the moment it enters until its answer has passed the middlewares, so that
the engine can see when it must hold back.
"""

from __future__ import annotations

import asyncio
import warnings
from time import time
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.download.handlers import DownloadHandlers
from shoal.crawl.download.resolved import dnscache
from shoal.crawl.download.slot import Slot
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.policy.slots import is_stale, time_to_wait

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

_STALE_AFTER = 60.0
_MIDDLEWARES = "scrapy.core.downloader.middleware.DownloaderMiddlewareManager"


class Downloader:
    """Fetches requests by way of the downloader middlewares; `slots` are the shares of the line by their keys."""

    DOWNLOAD_SLOT = "download_slot"

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.settings = settings
        self.signals = crawler.signals
        self.slots: dict[str, Slot] = {}
        self.active: set[Request] = set()
        self.handlers = DownloadHandlers(crawler)
        self.total_concurrency: int = settings.getint("CONCURRENT_REQUESTS")
        self.domain_concurrency: int = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self.ip_concurrency: int = settings.getint("CONCURRENT_REQUESTS_PER_IP")
        self._delay: float = settings.getfloat("DOWNLOAD_DELAY")
        self._jitter = _default_jitter(settings)
        self.per_slot_settings: dict[str, dict[str, Any]] = settings.getdict("DOWNLOAD_SLOTS")
        self.middleware: Any = build_from_crawler(load_object(_MIDDLEWARES), crawler)
        self._next_look = time() + _STALE_AFTER

    @property
    def randomize_delay(self) -> bool:
        """Whether delays vary; the old word for it."""
        warnings.warn("Downloader.randomize_delay is deprecated.", ScrapyDeprecationWarning, stacklevel=2)
        return bool(self._jitter)

    async def fetch(self, request: Request, spider: Any = None) -> Response | Request:
        """The response, or the request that a middleware wants in its place. Raises what the download raised."""
        if spider is not None:
            _warn_about_spider(self, "fetch")
        self.active.add(request)
        try:
            answer: Response | Request = await self.middleware.download_async(self._enqueue_request, request)
            return answer
        finally:
            self.active.discard(request)

    def needs_backout(self) -> bool:
        """Whether as many requests are active as may be."""
        return 0 < self.total_concurrency <= len(self.active)

    def get_slot_key(self, request: Request) -> str:
        """The slot of a request: what its meta says, else its host, else (slots by address) the host's address."""
        meta = request._meta
        if meta is not None:
            named: str | None = meta.get(self.DOWNLOAD_SLOT)
            if named is not None:
                return named
        host = parsed_url(request).hostname or ""
        return dnscache.get(host, host) if self.ip_concurrency else host

    def _get_slot(self, request: Request, spider: Any = None) -> tuple[str, Slot]:
        if spider is not None:
            _warn_about_spider(self, "_get_slot")
        key = self.get_slot_key(request)
        slot = self.slots.get(key)
        if slot is None:
            slot = self.slots[key] = self._new_slot(key)
        return key, slot

    def _new_slot(self, key: str) -> Slot:
        own = self.per_slot_settings.get(key, {})
        if "randomize_delay" in own:
            warnings.warn(
                "The randomize_delay key of the DOWNLOAD_SLOTS setting is deprecated, use jitter instead.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
        jitter = own.get("jitter")
        if jitter is None:
            jitter = self._jitter if own.get("randomize_delay", True) else 0.0
        now = time()
        if now > self._next_look:
            self._next_look = now + _STALE_AFTER
            self._slot_gc()
        return Slot(
            own.get("concurrency", self.ip_concurrency or self.domain_concurrency),
            own.get("delay", self._delay),
            jitter,
            throttle=own.get("throttle"),
        )

    async def _enqueue_request(self, request: Request) -> Response:
        """Wait for a place in the slot, then download. What the middlewares call when all of them let it pass."""
        key, slot = self._get_slot(request)
        request.meta[self.DOWNLOAD_SLOT] = key
        slot.active.add(request)
        try:
            self._tell(signals.request_reached_downloader, request)
            if slot.queue or slot.latercall is not None or slot.delay or slot.free_transfer_slots() <= 0:
                await self._wait_for_turn(slot, request)
            else:
                slot.lastseen = time()
                slot.transferring.add(request)
            return await self._download(slot, request)
        finally:
            slot.active.discard(request)

    async def _wait_for_turn(self, slot: Slot, request: Request) -> None:
        turn = asyncio.get_running_loop().create_future()
        slot.queue.append((request, turn))
        self._process_queue(slot)
        try:
            await turn
        except asyncio.CancelledError:
            slot.transferring.discard(request)
            self._process_queue(slot)
            raise

    def _process_queue(self, slot: Slot) -> None:
        """Let go all who may go now; be back when the next one may."""
        if slot.latercall is not None:
            return
        while slot.queue and slot.free_transfer_slots() > 0:
            now = time()
            wait = time_to_wait(slot.download_delay(), slot.lastseen, now)
            if wait > 0:
                slot.latercall = asyncio.get_running_loop().call_later(wait, self._later, slot)
                return
            _let_go(slot, now)

    def _later(self, slot: Slot) -> None:
        """The delay is over: one request goes, whatever the next delay's chance says."""
        slot.latercall = None
        while slot.queue and slot.free_transfer_slots() > 0:
            if _let_go(slot, time()):
                break
        self._process_queue(slot)

    async def _download(self, slot: Slot, request: Request) -> Response:
        try:
            response = await self.handlers.download_request_async(request)
            if self.signals.has_receivers(signals.response_downloaded):
                self.signals.send_catch_log(
                    signals.response_downloaded, response=response, request=request, spider=self.crawler.spider
                )
            return response
        finally:
            slot.transferring.discard(request)
            if slot.queue:
                self._process_queue(slot)
            self._tell(signals.request_left_downloader, request)

    def _tell(self, signal: object, request: Request) -> None:
        if self.signals.has_receivers(signal):
            self.signals.send_catch_log(signal, request=request, spider=self.crawler.spider)

    def close(self) -> None:
        """Let no queued request start any more. The handlers close when the engine has stopped."""
        for slot in self.slots.values():
            slot.close()

    def _slot_gc(self, age: float = _STALE_AFTER) -> None:
        """Forget the slots that have been idle for `age` seconds."""
        now = time()
        for key, slot in list(self.slots.items()):
            if not slot.active and is_stale(slot.lastseen, slot.delay, age, now):
                self.slots.pop(key).close()


def _let_go(slot: Slot, now: float) -> bool:
    """Give the next in the queue its turn; False when it has been given up meanwhile."""
    request, turn = slot.queue.popleft()
    if turn.done():
        return False
    slot.lastseen = now
    slot.transferring.add(request)
    turn.set_result(None)
    return True


def _default_jitter(settings: Any) -> float:
    """DOWNLOAD_DELAY_JITTER, unless the older RANDOMIZE_DOWNLOAD_DELAY was set with more authority."""
    old = "RANDOMIZE_DOWNLOAD_DELAY"
    authority = settings.getpriority(old) or 0
    if authority > 0:
        warnings.warn(
            f"The {old} setting is deprecated, use DOWNLOAD_DELAY_JITTER instead (0 for no variation).",
            ScrapyDeprecationWarning,
            stacklevel=3,
        )
        if authority > (settings.getpriority("DOWNLOAD_DELAY_JITTER") or 0):
            return 0.5 if settings.getbool(old) else 0.0
    return float(settings.getfloat("DOWNLOAD_DELAY_JITTER"))


def _warn_about_spider(downloader: Downloader, method: str) -> None:
    """Older code passes the spider; it is taken, and answered with a warning."""
    warnings.warn(
        f"Passing a 'spider' argument to {type(downloader).__qualname__}.{method}() is deprecated, and it is ignored.",
        ScrapyDeprecationWarning,
        stacklevel=3,
    )
