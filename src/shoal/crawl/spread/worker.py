"""A worker: a whole crawler in a process of its own, which gets its requests from the coordinator.

The one rule: it never ends the crawl by itself. It says that it wishes to, and ends when it is told.
"""

from __future__ import annotations

import asyncio
import logging
import os
from math import isfinite
from typing import TYPE_CHECKING, Any

from shoal.crawl import log
from shoal.crawl.crawler import Crawler
from shoal.crawl.engine import ExecutionEngine
from shoal.crawl.loops import finish, new_loop
from shoal.crawl.middleware.downloader.pauses import pause
from shoal.crawl.shutdown import give_up_requests
from shoal.crawl.slot import Slot
from shoal.crawl.spread import wire
from shoal.crawl.spread.division import divide
from shoal.crawl.spread.logs import Forward
from shoal.crawl.spread.outbox import FAR_PATIENCE, Outbox
from shoal.crawl.spread.permit import Permit, clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider
    from shoal.crawl.spread.scheduler import LeasedScheduler
    from shoal.workers.line import Line

_BEAT = 1.0
logger = logging.getLogger("scrapy.core.engine")


def work(job: wire.Job | wire.Failed, line: Line) -> None:
    """Carry out a worker's part; returns when the coordinator has let it go. What `workers.Crew` calls a Work."""
    if isinstance(job, wire.Failed):
        asyncio.run(_say(line, job, wire.Ended()))
        return
    log.uninstall_root_handler()
    for handler in logging.root.handlers[:]:
        logging.root.removeHandler(handler)
    loop = new_loop(job.settings)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_carry_out(job, line))
    finally:
        finish(loop)


async def _say(line: Line, *words: Any) -> None:
    line.attach(lambda _: None, _alone)
    for word in words:
        line.send(word)
    await line.drained(0)


async def _carry_out(job: wire.Job, line: Line) -> None:
    await _Worker(job, line).run()


class _Slot(Slot):
    """Tells the scheduler when a request is done."""

    def remove_request(self, request: Request) -> None:
        super().remove_request(request)
        self.scheduler.finished(request)


class WorkerEngine(ExecutionEngine):
    """An engine that is told when to end."""

    def __init__(self, crawler: WorkerCrawler, spider_closed_callback: Callable[[Spider], Any]) -> None:
        super().__init__(crawler, spider_closed_callback)
        self._part = crawler.part
        self._told_to_end = False
        lasting = self._part.job.ttl
        self.permit = Permit(self.downloader, lasting) if isfinite(lasting) else None
        if not self._part.job.starts:
            self.scraper.spidermw.process_start = _nothing

    @property
    def scheduler(self) -> LeasedScheduler | None:
        """The open one."""
        return None if self._slot is None else self._slot.scheduler

    async def open_spider_async(self, *, close_if_idle: bool = True) -> None:
        """As usual, but nothing to do is no reason to close."""
        del close_if_idle
        self._part.outbox.stats = self.crawler.stats.get_stats()
        await super().open_spider_async(close_if_idle=False)
        assert self._slot is not None
        job = self._slot.job
        self._slot = _Slot(False, self._slot.nextcall, self._slot.scheduler)
        self._slot.job = job
        self.scraper.hand_items_to(self._part.outbox.item)

    async def start_async(self) -> None:
        """As usual, and known to the coordinator."""
        self._part.begins()
        await super().start_async()

    async def close_spider_async(self, *, reason: str = "cancelled") -> None:
        """Ask for the end of the crawl; it comes when the coordinator says so."""
        if self.running and not self._told_to_end:
            self._part.outbox.flush()
            self._part.line.send(wire.Close(reason))
            return
        await super().close_spider_async(reason=reason)

    def end(self, reason: str) -> None:
        """The coordinator says so."""
        if not self._told_to_end and self.spider is not None:
            self._told_to_end = True
            self._hold(super().close_spider_async(reason=reason))

    def slot_paused(self, key: str, seconds: float) -> None:
        """A download slot is not to be asked for a while: nobody else is to ask it either."""
        self._part.line.send(wire.Pause(key, seconds))

    def pause_slot(self, key: str, seconds: float) -> None:
        """Another worker has learnt that a slot is not to be asked for a while."""
        downloader = self.downloader
        if hasattr(downloader, "_new_slot"):
            slot = downloader.slots.get(key)
            if slot is None:
                slot = downloader.slots[key] = downloader._new_slot(key)
            pause(downloader, slot, seconds)

    def give_up(self) -> None:
        """Wait for nothing more: what is being fetched or parsed is cancelled."""
        give_up_requests(self.crawler)

    def _next(self) -> None:
        super()._next()
        self._part.looked()


async def _nothing() -> None:
    """Where another worker reads the start."""


class WorkerCrawler(Crawler):
    """A crawler that is a part of a crawl."""

    def __init__(self, part: _Worker) -> None:
        super().__init__(part.job.spider.kind, part.job.settings)
        self.part = part
        self.sharers = part.job.sharers

    def _apply_settings(self) -> None:
        if not self.settings.frozen:
            divide(self.settings, self.part.job.number, self.part.job.workers, self.part.job.sharers)
        super()._apply_settings()

    def _update_root_log_handler(self) -> None:
        """The log is the coordinator's."""

    def _create_engine(self) -> WorkerEngine:
        return WorkerEngine(self, lambda _spider: self.stop_async())


class _Worker:
    def __init__(self, job: wire.Job, line: Line) -> None:
        self.job = job
        self.line = line
        self.outbox = Outbox(line)
        self.outbox.kept = job.kept
        if isfinite(job.ttl):
            self.outbox.patience = FAR_PATIENCE
        self.crawler: WorkerCrawler | None = None
        self._start_told: bool | str = True

    async def run(self) -> None:
        logging.root.setLevel(logging.NOTSET)
        logging.root.addHandler(Forward(self.outbox.log, self.job.loudness))
        self.outbox.state = self._state
        self.line.attach(self._heard, _alone)
        args, kwargs = self.job.arguments
        try:
            self.crawler = WorkerCrawler(self)
            await self.crawler.crawl_async(*args, **kwargs)
        except Exception as problem:
            logger.critical("A worker could not carry out its part", exc_info=problem)
            self.outbox.flush(last=True)
            self.line.send(wire.Failed(f"{type(problem).__name__}: {problem}"))
        self.outbox.flush(last=True)
        self.line.send(wire.Ended())
        await self.line.drained(0)

    @property
    def _engine(self) -> WorkerEngine | None:
        return None if self.crawler is None else self.crawler.__dict__.get("engine")

    def begins(self) -> None:
        """The engine runs: there may be leases."""
        engine = self._engine
        assert engine is not None and engine.scheduler is not None
        engine.scheduler.low = engine.settings.getint("CONCURRENT_REQUESTS")
        self.line.send(wire.Opened(clock()))
        self._beat_later()

    def _beat_later(self) -> None:
        asyncio.get_running_loop().call_later(min(_BEAT, self.job.ttl / 8), self._beat)

    def _beat(self) -> None:
        self.outbox.flush()
        if self._engine is not None and self._engine.running:
            self._beat_later()

    def _state(self) -> tuple[bool | str, int]:
        engine = self._engine
        if engine is None or engine.scheduler is None:
            return (self.job.starts, 0) if engine is None else (False, 0)
        reading = engine._start is not None
        self._start_told = reading or engine._close_reason or False
        return self._start_told, engine.scheduler.busy

    def looked(self) -> None:
        """The engine has looked at what there is: what is waited for elsewhere is told."""
        engine = self._engine
        if engine is None or engine.scheduler is None:
            return
        start = engine._start is not None or engine._close_reason or False
        if start != self._start_told or (self.outbox.entries and not engine._slot.inprogress):  # type: ignore[union-attr]
            self.outbox.hurry()

    def _heard(self, message: Any) -> None:
        engine = self._engine
        if engine is None:
            return
        if isinstance(message, wire.Leases) and engine.scheduler is not None:
            engine.scheduler.take(message.leases, message.waiting)
            engine._slot.nextcall.schedule()  # type: ignore[union-attr]
        elif isinstance(message, wire.Stop) and engine.running:
            # Before that it is said again, when the coordinator hears that this worker is ready.
            engine.end(message.reason)
        elif isinstance(message, wire.Renewed) and engine.permit is not None:
            engine.permit.renew(message.sent)
        elif isinstance(message, wire.Known):
            engine.scraper._links.know(wire.urls_of(message.texts))
        elif isinstance(message, wire.GiveUp):
            engine.give_up()
        elif isinstance(message, wire.Pause):
            engine.pause_slot(message.slot, message.seconds)


def _alone() -> None:
    """The coordinator is gone, and everything with it that this worker is for."""
    os._exit(1)
