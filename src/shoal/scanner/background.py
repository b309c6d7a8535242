"""A blocking iterator read from coroutines: each step runs in a thread, one at a time.

The one rule: whoever stops reading stops the work. Leaving the `async for` asks the work to end and waits until it has.
"""

from __future__ import annotations

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator
    from typing import TypeVar

    Item = TypeVar("Item")

END = object()


async def in_background(work: Generator[Item, None, None], stop: Callable[[], None]) -> AsyncIterator[Item]:
    """Yield what `work` yields without blocking the event loop; `stop` must make it end soon."""
    loop = asyncio.get_running_loop()
    step: asyncio.Future[object] | None = None
    try:
        while True:
            step = loop.run_in_executor(None, next, work, END)
            item = await asyncio.shield(step)
            if item is END:
                return
            yield item  # type: ignore[misc]
    finally:
        stop()
        if step is not None and not step.done():
            await asyncio.wait([step])
        await loop.run_in_executor(None, work.close)
