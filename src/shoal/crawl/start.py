"""What a crawl begins with, read from the spider's `start()` little by little.

The one rule: no more is read than the scheduler may usefully hold (`_AHEAD` requests, or the number that may be on
their way): an endless `start()` neither fills the memory nor keeps others from running.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import CloseSpider
from shoal.crawl.failure import Failure
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from shoal.crawl.engine import ExecutionEngine

logger = logging.getLogger("scrapy.core.engine")

# Scrapy reads all of `start()` at once; for the order of a short start to be Scrapy's, this many are read ahead.
_AHEAD = 100


class StartReader:
    """Reads the engine's `_start` in a task of its own: `run`."""

    def __init__(self, engine: ExecutionEngine) -> None:
        self._engine = engine
        self._ahead = max(_AHEAD, 2 * engine.settings.getint("CONCURRENT_REQUESTS"))
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._stopped = False

    async def run(self) -> None:
        """Read until the end of the start, or until `stop`."""
        self._task = asyncio.current_task()
        try:
            await self._read()
        except CloseSpider as wish:
            self._done()
            await self._engine.close_spider_async(reason=wish.reason)
        except Exception:
            self._done()
            logger.error("Error while processing requests from start()", exc_info=True, extra=self._about())
            await self._engine.close_async()
        else:
            self._done()

    def wake(self) -> None:
        """Something has left the scheduler: there may be room for more."""
        if self._task is not None and self._has_room():
            self._wanted.set()

    async def stop(self) -> None:
        """Read no more. What `start()` is waiting for is given up, unless it is itself what asked for the end."""
        self._stopped = True
        self._wanted.set()
        task = self._task
        if task is None or task is asyncio.current_task() or task.done():
            return
        task.cancel()
        await asyncio.wait([task])

    async def _read(self) -> None:
        start = self._engine._start
        while start is not None and not self._stopped:
            if not self._has_room():
                self._wanted.clear()
                await self._wanted.wait()
                continue
            try:
                thing = await anext(start)
            except StopAsyncIteration:
                self._end_for_good()
                return
            except CloseSpider:
                raise
            except Exception as problem:
                self._failed(problem)
                return
            if not self._stopped:
                await self._take(thing)

    def _end_for_good(self) -> None:
        """The start has no more: a job that is taken up again does not read it again."""
        slot = self._engine._slot
        if slot is not None and slot.job is not None:
            slot.job.start.end()
            slot.job.changed()

    async def _take(self, thing: Any) -> None:
        engine = self._engine
        job = engine._slot.job if engine._slot is not None else None
        if isinstance(thing, Request):
            if job is None or job.start.is_new(engine.crawler.request_fingerprinter.fingerprint(thing)):
                engine._schedule_request(thing)
            engine._send_scheduled()
        elif job is None:
            await engine.scraper.start_itemproc_async(thing, response=None)
        elif job.start.is_new_item():
            await engine.scraper.start_itemproc_async(thing, response=None)
            job.start.item_taken()

    def _has_room(self) -> bool:
        slot = self._engine._slot
        if slot is None:
            return False
        try:
            return len(slot.scheduler) < self._ahead
        except TypeError:
            return not slot.scheduler.has_pending_requests() or not self._engine.needs_backout()

    def _failed(self, problem: Exception) -> None:
        """The spider's `start()` has raised: what it gave before is still crawled."""
        engine = self._engine
        engine._close_reason = "start_error"
        logger.error("Error while reading start()", exc_info=problem, extra=self._about())
        engine.scraper.count_exception(problem)
        engine.signals.send_catch_log(
            signals.spider_error, failure=Failure(problem), response=None, spider=engine.spider
        )

    def _done(self) -> None:
        engine = self._engine
        self._task = None
        engine._start = None
        engine._start_reader = None
        if engine._slot is not None and engine._slot.closing is None:
            engine._slot.nextcall.schedule()

    def _about(self) -> dict[str, Any]:
        return {"spider": self._engine.spider}
