"""What a callback gave back, as something to go through.

The one rule: nothing is nothing, one thing is one thing, and only what is meant as several is iterated: a dict, an
item or a string is one thing.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterable
from typing import Any

from shoal.crawl.item import Item

_ONE_THING = (dict, Item, str, bytes)


def as_iterable(output: Any) -> Iterable[Any]:
    """The results in what a plain callback returned."""
    if output is None:
        return ()
    if isinstance(output, _ONE_THING) or not hasattr(output, "__iter__"):
        return (output,)
    return output  # type: ignore[no-any-return]


async def results_of(output: Any) -> AsyncIterator[Any]:
    """The results in what any callback returned: plain, a generator, a coroutine or an async generator."""
    if inspect.isawaitable(output):
        output = await output
    if hasattr(output, "__aiter__"):
        async for result in output:
            yield result
        return
    for result in as_iterable(output):
        yield result


def is_async(function: Any) -> bool:
    """Whether calling `function` gives something to wait for: a coroutine or an async generator."""
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
