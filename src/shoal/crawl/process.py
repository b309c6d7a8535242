"""Crawls as a program of their own: a loop, a log, and Ctrl-C.

The one rule: the first SIGINT or SIGTERM ends the crawls in good order, the second gives up what is on its way; either
way files are completed, and the process is as it was before, so that it may begin again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from typing import TYPE_CHECKING, Any

import shoal
from shoal.crawl.crawl_task import CrawlTask
from shoal.crawl.log import _NOT_GIVEN, configure_logging, is_heard
from shoal.crawl.loops import finish, new_loop
from shoal.crawl.runner import CrawlerRunnerBase
from shoal.crawl.shutdown import give_up_requests, install_shutdown_handlers, signal_names

if TYPE_CHECKING:
    from collections.abc import Coroutine

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.crawler")

SECONDS_TO_CLOSE = 5.0
"""After a second Ctrl-C: how long files may take to be completed."""


class _Process(CrawlerRunnerBase):
    """`crawl(...)` as often as wanted, then `start()`, which returns when all is done; then again, if wanted.

    `stopped_by` is the number of the signal that ended it, None otherwise.
    """

    def __init__(self, settings: Any = None, install_root_handler: Any = _NOT_GIVEN) -> None:
        super().__init__(settings)
        configure_logging(self.settings, install_root_handler)
        self.stopped_by: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        _log_beginning(self.settings)

    def _begin(self, crawling: Coroutine[Any, Any, None]) -> CrawlTask:
        task = CrawlTask(crawling, loop=self._own_loop())
        self._active.add(task)
        task.add_done_callback(self._active.discard)
        task.add_done_callback(self._log_failure)
        return task

    def _log_failure(self, task: asyncio.Task[None]) -> None:
        """A crawl that could not begin says so, whether or not somebody awaits it."""
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            self.bootstrap_failed = True
            logger.critical("A crawl could not be carried out", exc_info=problem)

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._loop.is_closed():
            self._loop = new_loop(self.settings)
            self._ended = asyncio.Event()
            logger.debug("Not using a Twisted reactor")
            logger.debug("Using asyncio event loop: %s.%s", type(self._loop).__module__, type(self._loop).__name__)
        return self._loop

    def start(self, stop_after_crawl: bool = True, install_signal_handlers: bool = True) -> None:
        """Run the crawls to their end; with `stop_after_crawl` off, go on waiting for more until `stop` is called.

        Signal handlers are installed in the main thread alone. Where a loop is running already (a notebook), the
        crawls run in a thread, for which this waits.
        """
        if not _in_a_loop():
            self._run(stop_after_crawl, install_signal_handlers)
            return
        thread = threading.Thread(target=self._run, args=(stop_after_crawl, False), name="crawl")
        thread.start()
        thread.join()

    def _run(self, stop_after_crawl: bool, with_signals: bool) -> None:
        loop, self.stopped_by = self._own_loop(), None
        with_signals = with_signals and threading.current_thread() is threading.main_thread()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        if with_signals:
            install_shutdown_handlers(self._caught)
        try:
            loop.run_until_complete(self._until_end(stop_after_crawl))
        except RuntimeError:
            if not self._forced:
                raise
        finally:
            finish(loop)
            if with_signals:
                for number, handler in before.items():
                    signal.signal(number, handler)

    async def _until_end(self, stop_after_crawl: bool) -> None:
        if not stop_after_crawl:
            await self._ended.wait()
        await self.join()

    async def stop(self) -> None:
        """End all crawls in good order and return when they have ended."""
        self._ended.set()
        await super().stop()

    # Ctrl-C

    _forced = False
    _stopping: asyncio.Task[None] | None = None

    def _caught(self, number: int, _frame: object) -> None:
        """A handler of signals: it may interrupt anything, so all it does is to pass the news on to the loop."""
        assert self._loop is not None
        if self.stopped_by is None:
            self.stopped_by = number
            self._loop.call_soon_threadsafe(self._stop_gracefully, number)
        elif not self._forced:
            self._forced = True
            self._loop.call_soon_threadsafe(self._stop_at_once, number)
        else:  # a callback that blocks the loop does not end by being asked to
            raise KeyboardInterrupt

    def _stop_gracefully(self, number: int) -> None:
        logger.info(
            "Received %(signame)s, shutting down gracefully. Send again to force", {"signame": signal_names[number]}
        )
        self._stopping = asyncio.ensure_future(self.stop())

    def _stop_at_once(self, number: int) -> None:
        logger.info("Received %(signame)s twice, forcing unclean shutdown", {"signame": signal_names[number]})
        for crawler in self._crawlers:
            give_up_requests(crawler)
        # Feeds and statistics are completed now that nothing is waited for; what still hangs is left.
        loop = asyncio.get_running_loop()
        loop.call_later(SECONDS_TO_CLOSE, loop.stop)


class CrawlerProcess(_Process):
    """Scrapy's program of crawls. What `crawl` returns may also be given to `addBoth`, as old run scripts do."""


class AsyncCrawlerProcess(_Process):
    """Scrapy's program of crawls for coroutines: the same."""


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _log_beginning(settings: Any) -> None:
    logger.info("Shoal %(version)s started (bot: %(bot)s)", {"version": shoal.__version__, "bot": settings["BOT_NAME"]})
    if is_heard(logger, logging.INFO):
        from shoal.crawl.versions import library_versions

        logger.info("Versions: %s", ", ".join(f"{name} {number}" for name, number in library_versions()[1:]))
