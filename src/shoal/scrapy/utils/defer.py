"""Scrapy's bridges between Deferreds and coroutines, where everything is awaitable already.

The one rule: Twisted is never imported; a Deferred that somebody hands in is recognised by its `asFuture`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from shoal.crawl.awaiting import settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Coroutine

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def ensure_awaitable(value: Any, _warn: str | None = None) -> Any:
    """The value itself, or what it stands for: a coroutine, a future or a Deferred is waited for."""
    return await settle(value)


def deferred_from_coro(value: Any) -> Any:
    """A coroutine as a task of the running loop, anything else as it is."""
    return asyncio.ensure_future(value) if inspect.isawaitable(value) else value


def deferred_to_future(value: Any) -> asyncio.Future[Any]:
    """A future of the running loop for a Deferred or a coroutine."""
    if hasattr(value, "asFuture"):
        value = value.asFuture(asyncio.get_running_loop())
    future: asyncio.Future[Any] = asyncio.ensure_future(value)
    return future


def maybe_deferred_to_future(value: Any) -> asyncio.Future[Any]:
    """The same as `deferred_to_future`: there is no reactor that could want the Deferred itself."""
    return deferred_to_future(value)


def deferred_f_from_coro_f(function: Callable[_P, Awaitable[_T]]) -> Callable[_P, Any]:
    """A decorator: calling the coroutine function starts it at once."""

    @wraps(function)
    def started(*args: _P.args, **kwargs: _P.kwargs) -> Any:
        return deferred_from_coro(function(*args, **kwargs))

    return started


async def aiter_errback(
    aiterable: AsyncIterable[_T], errback: Callable[..., Any], *args: Any, **kwargs: Any
) -> AsyncIterator[_T]:
    """The items of `aiterable`; an exception raised between them goes to `errback` and ends the iteration."""
    iterator = aiterable.__aiter__()
    while True:
        try:
            yield await iterator.__anext__()
        except StopAsyncIteration:
            return
        except Exception as problem:
            errback(problem, *args, **kwargs)
            return


async def _process_pending_io() -> None:
    """Let the loop look at its sockets, and at what is ready, once more."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _schedule_coro(coroutine: Coroutine[Any, Any, Any]) -> None:
    task = asyncio.ensure_future(coroutine)
    _running.add(task)
    task.add_done_callback(_running.discard)


# asyncio keeps only weak references to tasks; one that nobody waits for must be held until it ends.
_running: set[asyncio.Future[Any]] = set()
