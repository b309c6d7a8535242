"""Values that may have to be waited for: hooks may be plain functions, coroutines, or return a future or a Deferred.

The one rule: Twisted is never imported; a Deferred that somebody hands in is recognised by its `asFuture`.
"""

from __future__ import annotations

import asyncio
import inspect
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable


def as_awaitable(value: Any) -> Awaitable[Any] | None:
    """What to await for the value, None for a value that is there already."""
    if type(value) is CoroutineType:  # the usual case
        waiting: Awaitable[Any] = value
        return waiting
    if type(value) is GeneratorType and not value.gi_code.co_flags & inspect.CO_ITERABLE_COROUTINE:
        return None  # what callbacks give; to look for its `__await__` takes 2 us
    if hasattr(value, "asFuture"):
        future: Awaitable[Any] = value.asFuture(asyncio.get_running_loop())
        return future
    return value if inspect.isawaitable(value) else None


async def settle(value: Any) -> Any:
    """The value itself, or what comes out of it after waiting."""
    waiting = as_awaitable(value)
    return value if waiting is None else await waiting
