"""Async iteration over anything that can be iterated."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable

_T = TypeVar("_T")

__all__ = ["as_async_generator", "collect_asyncgen"]


async def collect_asyncgen(result: AsyncIterator[_T]) -> list[_T]:
    """All items, as a list."""
    return [item async for item in result]


async def as_async_generator(iterable: Iterable[_T] | AsyncIterator[_T]) -> AsyncGenerator[_T]:
    """The items, one after the other, of what may be iterated either way."""
    if isinstance(iterable, AsyncIterable):
        async for item in iterable:
            yield item
    else:
        for item in iterable:
            yield item
