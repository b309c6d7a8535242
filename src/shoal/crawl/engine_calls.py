"""The engine's methods as older code calls them: without `await`, and with the spider as an argument.

The one rule: each begins its coroutine at once and returns the task, which may be awaited.
"""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import ScrapyDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.spider import Spider


class OldCalls:
    """Base of the engine; needs the coroutines of the same names with `_async`."""

    def start(self) -> asyncio.Task[None]:
        """See `start_async`."""
        return _begin(self, "start")

    def stop(self) -> asyncio.Task[None]:
        """See `stop_async`."""
        return _begin(self, "stop")

    def close(self) -> asyncio.Task[None]:
        """See `close_async`."""
        return _begin(self, "close")

    def open_spider(self, spider: Spider, close_if_idle: bool = True) -> asyncio.Task[None]:  # noqa: ARG002
        """See `open_spider_async`."""
        return _begin(self, "open_spider", close_if_idle=close_if_idle)

    def close_spider(self, spider: Spider, reason: str = "cancelled") -> asyncio.Task[None]:  # noqa: ARG002
        """See `close_spider_async`: spiders call this to end their own crawl."""
        return _begin(self, "close_spider", reason=reason)

    def download(self, request: Request) -> asyncio.Task[Response]:
        """See `download_async`."""
        return _begin(self, "download", request)


# asyncio keeps only weak references to tasks; one that nobody waits for must be held until it ends.
_running: set[asyncio.Task[Any]] = set()


def _begin(engine: Any, name: str, *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
    warnings.warn(
        f"ExecutionEngine.{name}() is deprecated, use {name}_async() instead.", ScrapyDeprecationWarning, stacklevel=3
    )
    coroutine: Coroutine[Any, Any, Any] = getattr(engine, f"{name}_async")(*args, **kwargs)
    task = asyncio.get_running_loop().create_task(coroutine)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
