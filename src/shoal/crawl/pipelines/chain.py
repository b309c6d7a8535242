"""The chain of item pipelines: each item passes through all of them, in their order.

The one rule: nothing is waited for that is there already. A chain of plain functions costs a call each.
"""

from __future__ import annotations

import asyncio
import inspect
import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.awaiting import as_awaitable, settle
from shoal.crawl.chain import MiddlewareManager, add_spider_hooks
from shoal.crawl.components import component_order
from shoal.crawl.exceptions import ScrapyDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from shoal.crawl.settings import BaseSettings
    from shoal.crawl.spider import Spider


class Unfinished:
    """An item on its way through the pipelines, one of which waits; `rest` gives it as the last one returns it."""

    __slots__ = ("rest",)

    def __init__(self, rest: Awaitable[Any]) -> None:
        self.rest = rest


class ItemPipelineManager(MiddlewareManager):
    """The pipelines of ITEM_PIPELINES. Their methods may be plain or coroutines, with or without a `spider` argument.

    Raises ValueError where a pipeline wants the spider and there is none.
    """

    component_name = "item pipeline"

    def __init__(self, *middlewares: Any, crawler: Any = None) -> None:
        self._spider: Spider | None = None
        self._wants_spider: set[Any] = set()
        # Whether a pipeline has given something to wait for: only then do items gain from going side by side.
        self.waits = False
        super().__init__(*middlewares, crawler=crawler)

    @classmethod
    def _get_mwlist_from_settings(cls, settings: BaseSettings) -> list[Any]:
        return component_order(settings.get_component_priority_dict_with_base("ITEM_PIPELINES"))

    def _add_middleware(self, middleware: Any) -> None:
        add_spider_hooks(self.methods, middleware)
        process: Callable[..., Any] | None = getattr(middleware, "process_item", None)
        if process is not None:
            self.methods["process_item"].append(process)
        for name in ("open_spider", "close_spider", "process_item"):
            method = getattr(middleware, name, None)
            if method is not None and wants_spider(method):
                self._wants_spider.add(method)

    async def open_spider_async(self) -> None:
        """Open every pipeline. Raises the first exception that one of them raises, after all were asked."""
        await self._call_all("open_spider")

    async def close_spider_async(self) -> None:
        """Close every pipeline, also after one of them has failed; then raise the first exception."""
        await self._call_all("close_spider")

    async def process_item_async(self, item: Any) -> Any:
        """The item as the last pipeline returns it. What a pipeline raises ends the chain and is passed on."""
        output = self.begin_item(item)
        return await output.rest if type(output) is Unfinished else output

    def begin_item(self, item: Any, first: int = 0) -> Any:
        """The same, from pipeline number `first` on, as far as it goes without waiting: the item, or Unfinished."""
        methods = self.methods["process_item"]
        for number in range(first, len(methods)):
            method = methods[number]
            item = self._call(method, item)
            if type(item) is not dict:
                waiting = _awaitable_of(method, item)
                if waiting is not None:
                    self.waits = True
                    return Unfinished(self._continued(waiting, number + 1))
        return item

    async def _continued(self, waiting: Awaitable[Any], following: int) -> Any:
        output = self.begin_item(await waiting, following)
        return await output.rest if type(output) is Unfinished else output

    def _call(self, method: Callable[..., Any], *args: Any) -> Any:
        return method(*args, self._the_spider()) if method in self._wants_spider else method(*args)

    async def _call_all(self, name: str) -> None:
        outcomes = [self._outcome(method) for method in self.methods[name]]
        waiting = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
        late = await asyncio.gather(*(settle(value) for value in waiting), return_exceptions=True)
        for problem in (*outcomes, *late):
            if isinstance(problem, BaseException):
                raise problem

    def _outcome(self, method: Callable[..., Any]) -> Any:
        """What the method returns, something to wait for, or the exception it raises."""
        try:
            result = self._call(method)
            return _awaitable_of(method, result) or result
        except Exception as problem:
            return problem

    def _the_spider(self) -> Spider:
        if self.crawler is None:
            if self._spider is None:
                raise ValueError(f"{type(self).__name__} has no known Spider instance.")
            return self._spider
        if self.crawler.spider is None:
            raise ValueError(f"{type(self).__name__} needs to access self.crawler.spider but it is None.")
        return self.crawler.spider

    # The interface before Scrapy 2.13, which managers in projects extend and call.

    def open_spider(self, spider: Spider) -> asyncio.Future[None]:
        """The same as `open_spider_async`, begun at once."""
        return self._begun_the_old_way("open_spider", spider)

    def close_spider(self, spider: Spider) -> asyncio.Future[None]:
        """The same as `close_spider_async`, begun at once."""
        return self._begun_the_old_way("close_spider", spider)

    def process_item(self, item: Any, spider: Spider) -> asyncio.Future[Any]:
        """The same as `process_item_async`, begun at once."""
        return self._begun_the_old_way("process_item", spider, item)

    def _begun_the_old_way(self, name: str, spider: Spider, *args: Any) -> asyncio.Future[Any]:
        warnings.warn(
            f"{type(self).__name__}.{name}() is deprecated, use {name}_async() instead.",
            ScrapyDeprecationWarning,
            stacklevel=3,
        )
        if self.crawler is None:
            self._remember(spider)
        # Not `self.…_async`: a subclass may have that call its own old method.
        begun: asyncio.Future[Any] = asyncio.ensure_future(getattr(ItemPipelineManager, f"{name}_async")(self, *args))
        return begun

    def _remember(self, spider: Spider) -> None:
        if self._spider not in (None, spider):
            raise RuntimeError(f"Different instances of Spider were passed to {type(self).__name__}.")
        self._spider = spider


def wants_spider(method: Callable[..., Any]) -> bool:
    """Whether the method cannot be called without a `spider` argument; answered with a warning when so."""
    try:
        parameters: Iterable[inspect.Parameter] = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):
        return False
    for parameter in parameters:
        if parameter.name == "spider" and parameter.default is parameter.empty:
            warnings.warn(
                f"{_name_of(method)}() requires a spider argument. This is deprecated: "
                f"take the crawler in from_crawler(), and use its spider attribute.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
            return True
    return False


def _awaitable_of(method: Callable[..., Any], result: Any) -> Any:
    """What to await for the result; a Deferred is taken, with a warning."""
    waiting = as_awaitable(result)
    if waiting is not None and hasattr(result, "asFuture"):
        warnings.warn(
            f"{_name_of(method)} returned a Deferred. This is deprecated: return a coroutine instead.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
    return waiting


def _name_of(method: Callable[..., Any]) -> str:
    owner = getattr(method, "__self__", None)
    named = getattr(method, "__name__", repr(method))
    return named if owner is None else f"{type(owner).__name__}.{named}"
