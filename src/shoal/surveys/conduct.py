"""A survey's crawl, carried out: under the worker model that was asked for, until its end or until it is interrupted.

The one rule: what the spider gives is handed on at once, in this thread; SIGINT and SIGTERM end the crawl in good
order, and are told to the caller as `Stopped`.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import shoal.crawl
from shoal.crawl.loops import finish, new_loop
from shoal.crawl.settings import Settings
from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from shoal.crawl.spider import Spider

_IN_THREADS = "shoal.crawl.download.threads.ThreadDownloadHandler"
MODELS: dict[str, dict[str, Any]] = {
    "async": {},
    "thread": {"DOWNLOAD_HANDLERS": {"http": _IN_THREADS, "https": _IN_THREADS}},
    "proc": {"WORKER_MODEL": "proc"},
}
_NUMBERS = (signal.SIGINT, signal.SIGTERM)
QUIET = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "EXTENSIONS": {}}

SECONDS_TO_END = 3.0
"""After a signal: how long requests that are on their way are waited for."""


class Stopped(KeyboardInterrupt):
    """A signal has ended the crawl; `exit_status` is the one of the command."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.exit_status = 128 + number


def carry_out(
    spider: type[Spider], model: str, settings: Mapping[str, Any], take: Callable[[Any], None], **arguments: Any
) -> None:
    """Crawl to the end; `take` gets each item. Raises Stopped after a signal, and what `take` raises."""
    if model not in MODELS and "CLUSTER" not in settings:
        raise UsageError(f"-m {model}: there are {', '.join(MODELS)}")
    together = {**QUIET, **MODELS.get(model, {}), **settings}
    caught: list[int] = []
    problems: list[Exception] = []
    # uvloop leaves its own handlers behind, which would be deaf: whatever comes after the crawl could not be ended.
    before = {number: signal.getsignal(number) for number in _NUMBERS}
    loop = new_loop(Settings(together))
    try:
        crawling = loop.create_task(_follow(shoal.crawl.stream(spider, together, **arguments), take, problems))
        with _Signals(loop, crawling, caught):
            loop.run_until_complete(crawling)
    except asyncio.CancelledError:
        if not caught and not problems:
            raise
    finally:
        finish(loop)
        _set_back(before)
    if problems:
        raise problems[0]
    if caught:
        raise Stopped(caught[0])


async def _follow(items: AsyncGenerator[Any, None], take: Callable[[Any], None], problems: list[Exception]) -> None:
    """Hand on each item; when one cannot be taken, end the crawl in good order, but do not wait for ever."""
    async with aclosing(items):
        async for item in items:
            try:
                take(item)
            except Exception as problem:
                problems.append(problem)
                this = asyncio.current_task()
                assert this is not None
                this.get_loop().call_later(SECONDS_TO_END, this.cancel)
                return


def _set_back(handlers: Mapping[signal.Signals, Any]) -> None:
    if threading.current_thread() is threading.main_thread():
        for number, handler in handlers.items():
            signal.signal(number, handler)


class _Signals:
    """While it lasts, SIGINT and SIGTERM cancel a task; only in the main thread, which alone gets signals."""

    def __init__(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[None], caught: list[int]) -> None:
        self._loop, self._task, self._caught = loop, task, caught
        self._numbers = _NUMBERS if threading.current_thread() is threading.main_thread() else ()

    def __enter__(self) -> None:
        for number in self._numbers:
            self._loop.add_signal_handler(number, self._catch, number)

    def __exit__(self, *_: object) -> None:
        for number in self._numbers:
            self._loop.remove_signal_handler(number)

    def _catch(self, number: int) -> None:
        """The first ends the crawl; what still waits for a pause to be over is given up later, or with another."""
        self._caught.append(number)
        self._task.cancel()
        self._loop.call_later(SECONDS_TO_END, self._task.cancel)
