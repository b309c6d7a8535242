"""Base of spider middlewares that look at one request or one item at a time.

The one rule: whoever overrides only `get_processed_request` and `get_processed_item` is called by the chain directly,
thing by thing, without a generator of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.request import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.response_base import Response


class BaseSpiderMiddleware:
    """Override `get_processed_request` and `get_processed_item`; everything else follows from them."""

    # A class says True of itself (it is not inherited) when it may see the links of a page after the known ones have
    # been left out: it neither changes the identity of a request nor counts what is left out.
    sees_new_links_only = False

    crawler: Crawler

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler."""
        return cls(crawler)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:  # noqa: ARG002
        """The request to go on with, None to drop it. `response` is None for a request of `start()`."""
        return request

    def get_processed_item(self, item: Any, response: Response | None) -> Any:  # noqa: ARG002
        """The item to go on with, None to drop it."""
        return item

    def _processed(self, thing: Any, response: Response | None) -> Any:
        if isinstance(thing, Request):
            return self.get_processed_request(thing, response)
        return self.get_processed_item(thing, response)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """What is left of what the crawl begins with."""
        async for thing in start:
            if (processed := self._processed(thing, None)) is not None:
                yield processed

    def process_spider_output(self, response: Response | None, result: Iterable[Any]) -> Iterator[Any]:
        """What is left of what a callback gave."""
        for thing in result:
            if (processed := self._processed(thing, response)) is not None:
                yield processed

    async def process_spider_output_async(
        self, response: Response | None, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """The same for a callback that has to be waited for."""
        async for thing in result:
            if (processed := self._processed(thing, response)) is not None:
                yield processed


_CHAIN_HOOKS = ("process_spider_output", "process_spider_output_async", "_processed")


def goes_thing_by_thing(middleware: Any) -> bool:
    """Whether the chain may call the two small methods itself instead of `process_spider_output`."""
    cls = type(middleware)
    return isinstance(middleware, BaseSpiderMiddleware) and all(
        getattr(cls, hook) is getattr(BaseSpiderMiddleware, hook) and hook not in vars(middleware)
        for hook in _CHAIN_HOOKS
    )


def request_hook(middleware: BaseSpiderMiddleware) -> Any:
    """Its `get_processed_request`, None where that does nothing."""
    return _own(middleware, "get_processed_request")


def item_hook(middleware: BaseSpiderMiddleware) -> Any:
    """Its `get_processed_item`, None where that does nothing."""
    return _own(middleware, "get_processed_item")


def _own(middleware: BaseSpiderMiddleware, name: str) -> Any:
    hook = getattr(middleware, name)
    return None if getattr(hook, "__func__", None) is getattr(BaseSpiderMiddleware, name) else hook
