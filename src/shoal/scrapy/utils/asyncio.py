"""Timers and parallel iteration on asyncio's loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from shoal.crawl.looping import AsyncioLoopingCall, create_looping_call
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
