"""Which values have to be waited for."""

from __future__ import annotations

import asyncio
import types
from typing import TYPE_CHECKING, Any

from shoal.crawl.awaiting import as_awaitable, settle

if TYPE_CHECKING:
    from collections.abc import Generator


@types.coroutine
def old_coroutine() -> Generator[None, None, int]:
    yield
    return 7


async def coroutine() -> int:
    return 7


class Deferred:
    def asFuture(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[int]:
        future = loop.create_future()
        future.set_result(7)
        return future


class Waits:
    def __await__(self) -> Any:
        return coroutine().__await__()


def test_whatever_stands_for_a_value_is_waited_for() -> None:
    async def settled() -> list[Any]:
        return [await settle(value) for value in (coroutine(), old_coroutine(), Waits(), Deferred())]

    assert asyncio.run(settled()) == [7, 7, 7, 7]


def test_what_callbacks_give_is_there_already() -> None:
    plain = (number for number in range(3))
    assert [as_awaitable(value) for value in (plain, [1], None, {})] == [None] * 4
