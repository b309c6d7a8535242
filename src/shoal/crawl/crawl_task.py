"""A crawl that has been begun: to be awaited, or to be asked the old way for a call at its end.

The one rule: it is an asyncio task in everything; the three methods of Scrapy's Deferreds that run scripts use are
added.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from shoal.crawl.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class CrawlTask(asyncio.Task[None]):
    """Made in a running loop. The methods below return the task itself, so that calls can be chained."""

    def addCallback(self, callback: Callable[..., object], *args: Any, **kwargs: Any) -> Self:  # noqa: N802
        """Call `callback(None, ...)` when the crawl has ended well."""
        return self._at_end(callback, None, args, kwargs)

    def addErrback(self, errback: Callable[..., object], *args: Any, **kwargs: Any) -> Self:  # noqa: N802
        """Call `errback(failure, ...)` when it could not begin or its engine has failed."""
        return self._at_end(None, errback, args, kwargs)

    def addBoth(self, callback: Callable[..., object], *args: Any, **kwargs: Any) -> Self:  # noqa: N802
        """Call it at the end, whatever the end is."""
        return self._at_end(callback, callback, args, kwargs)

    def _at_end(
        self,
        callback: Callable[..., object] | None,
        errback: Callable[..., object] | None,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Self:
        def ended(task: asyncio.Task[None]) -> None:
            problem = asyncio.CancelledError() if task.cancelled() else task.exception()
            if problem is None and callback is not None:
                callback(None, *args, **kwargs)
            if problem is not None and errback is not None:
                errback(Failure(problem), *args, **kwargs)

        self.add_done_callback(ended)
        return self
