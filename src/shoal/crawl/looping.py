"""A function that is called again and again while a loop runs, and coroutines that nobody waits for.

The one rule: beats are counted from the start, so a slow call does not shift those that follow.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_P = ParamSpec("_P")

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.utils.asyncio")

# asyncio keeps only weak references to tasks; one that nobody waits for must be held until it ends.
_running: set[asyncio.Task[Any]] = set()


def begin(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Run a coroutine that nobody waits for."""
    task = asyncio.get_running_loop().create_task(coroutine)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


class AsyncioLoopingCall:
    """Calls a function every `interval` seconds, counted from the start, until it raises or is stopped."""

    def __init__(self, func: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        self._call: Callable[[], object] = lambda: func(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._begun = 0.0
        self.interval = 0.0
        self.running = False

    def start(self, interval: float, now: bool = True) -> None:
        """Begin: with `now` at once, else after the first interval.

        Raises RuntimeError when it runs already, ValueError for an interval that is not above 0.
        """
        if self.running:
            raise RuntimeError("AsyncioLoopingCall already running")
        if interval <= 0:
            raise ValueError("Interval must be greater than 0")
        self.interval = interval
        self._begun = asyncio.get_running_loop().time()
        self.running = True
        if now:
            self._run()
        else:
            self._schedule()

    def stop(self) -> None:
        """Call it no more."""
        self.running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        try:
            result = self._call()
        except Exception:
            logger.exception("Error calling the AsyncioLoopingCall function")
            self.stop()
            return
        if hasattr(result, "__await__"):
            self.stop()
            if asyncio.iscoroutine(result):
                result.close()
            raise TypeError("The AsyncioLoopingCall function must not return awaitables")
        if self.running:
            self._schedule()

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        wait = self.interval - (loop.time() - self._begun) % self.interval
        self._timer = loop.call_later(wait, self._run)


def create_looping_call(func: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> AsyncioLoopingCall:
    """A looping call, not yet started."""
    return AsyncioLoopingCall(func, *args, **kwargs)
