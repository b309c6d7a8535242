"""Spider middleware: marks the requests a crawl begins with, by `is_start_request` in their meta."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.middleware.spider_base import BaseSpiderMiddleware
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class StartSpiderMiddleware(BaseSpiderMiddleware):
    """Marks requests that are not marked yet; the scheduler serves marked ones after others of equal priority."""

    sees_new_links_only = True

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The same things, marked."""
        async for thing in start:
            if isinstance(thing, Request):
                thing.meta.setdefault("is_start_request", True)
            yield thing
