"""Timers and parallel iteration on asyncio's loop."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from shoal.scrapy.utils.asyncgen import as_async_generator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable

_P = ParamSpec("_P")
_T = TypeVar("_T")

__all__ = [
    "AsyncioLoopingCall",
    "call_later",
    "create_looping_call",
    "is_asyncio_available",
    "run_in_thread",
    "sleep",
]

logger = logging.getLogger("scrapy.utils.asyncio")


def is_asyncio_available() -> bool:
    """Whether a loop is running. Raises RuntimeError where none is."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError("is_asyncio_available() called without a running asyncio loop.") from None
    return True


async def sleep(seconds: float) -> None:
    """Wait that many seconds."""
    await asyncio.sleep(seconds)


async def run_in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call a function that blocks, without blocking the loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


def call_later(delay: float, function: Callable[..., object], *args: Any, **kwargs: Any) -> asyncio.TimerHandle:
    """Call the function after `delay` seconds; what comes back has `cancel`."""
    return asyncio.get_running_loop().call_later(delay, lambda: function(*args, **kwargs))


class AsyncioLoopingCall:
    """Calls a function every `interval` seconds, counted from the start, until it raises or is stopped."""

    def __init__(self, func: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        self._call: Callable[[], object] = lambda: func(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._begun = 0.0
        self.interval = 0.0
        self.running = False

    def start(self, interval: float, now: bool = True) -> None:
        """Begin: with `now` at once, else after the first interval. Raises RuntimeError when it runs already."""
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
        # Beats are counted from the start: a slow call does not shift those that follow, it only skips some.
        wait = self.interval - (loop.time() - self._begun) % self.interval
        self._timer = loop.call_later(wait, self._run)


def create_looping_call(func: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> AsyncioLoopingCall:
    """A looping call, not yet started."""
    return AsyncioLoopingCall(func, *args, **kwargs)


async def _parallel_asyncio(
    iterable: Iterable[_T] | AsyncIterator[_T],
    count: int,
    function: Callable[..., Coroutine[Any, Any, None]],
    *args: Any,
    **kwargs: Any,
) -> None:
    """Await `function(item, ...)` for every item, at most `count` at once; items are taken when wanted."""
    items = as_async_generator(iterable)
    taking = asyncio.Lock()

    async def work() -> None:
        while True:
            async with taking:
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
            await function(item, *args, **kwargs)

    await asyncio.gather(*(work() for _ in range(count)))
