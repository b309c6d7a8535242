"""The steps that the results of a callback take on their way out, through the spider middlewares.

The one rule: middlewares are numbered from the spider (0) to the engine, and an exception that shows at the output of
number n is offered to the handlers above n, each of them once.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import object_path
from shoal.crawl.exceptions import InvalidOutput
from shoal.crawl.follow import FollowAll
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from shoal.crawl.middleware.spider_output import Passage

    # A hook, and the number of the first handler above it.
    Hook = tuple[Callable[[Any, Any], Any], int]


class HookProblem(Exception):  # noqa: N818  it carries a problem, and never reaches a user
    """An exception out of a hook that was called for one thing."""

    def __init__(self, problem: Exception, above: int) -> None:
        super().__init__()
        self.problem = problem
        self.above = above


class ByThing:
    """Neighbouring middlewares that look at one request or one item at a time; there may be none of them.

    It also watches over its source: `above` is the number of the first handler for an exception of the source.
    """

    def __init__(self, above: int) -> None:
        self.above = above
        self.requests: list[Hook] = []
        self.items: list[Hook] = []

    def kept(self, thing: Any, response: Any) -> Any:
        """The thing as it goes on, None where it does not. Raises HookProblem."""
        if isinstance(thing, Request):
            hooks = self.requests
        elif type(thing) is FollowAll:
            return thing
        else:
            hooks = self.items
        for hook, above in hooks:
            try:
                thing = hook(thing, response)
            except Exception as problem:
                raise HookProblem(problem, above) from problem
            if thing is None:
                return None
        return thing

    def plain(self, source: Iterable[Any], passage: Passage) -> Iterator[Any]:
        """Results that are there already."""
        kept, response = self.kept, passage.response
        try:
            for thing in source:
                if (processed := kept(thing, response)) is not None:
                    yield processed
        except Exception as problem:
            passage.recover(problem, self.above)

    async def waiting(self, source: AsyncIterator[Any], passage: Passage) -> AsyncIterator[Any]:
        """Results that have to be waited for."""
        kept, response = self.kept, passage.response
        try:
            async for thing in source:
                if (processed := kept(thing, response)) is not None:
                    yield processed
        except Exception as problem:
            passage.recover(problem, self.above)


class Plain:
    """A middleware whose `process_spider_output` is a plain function, as all were before Scrapy 2.7."""

    def __init__(self, method: Callable[..., Any], hook: Callable[..., Any], above: int) -> None:
        self.method = method
        self.hook = hook
        self.above = above

    def plain(self, source: Iterable[Any], passage: Passage) -> Iterator[Any]:
        """Results that are there already."""
        try:
            results = self.hook(passage.response, source)
            if not hasattr(results, "__iter__"):
                raise InvalidOutput(f"{hook_name(self.method)} must return an iterable, got {type(results)}")
            yield from results
        except Exception as problem:
            passage.recover(problem, self.above)

    async def waiting(self, source: AsyncIterator[Any], passage: Passage) -> AsyncIterator[Any]:
        """Results that have to be waited for: all of them, because a plain function cannot wait for one."""
        for thing in self.plain(_replay(*await _collected(source)), passage):
            yield thing


class Waiting:
    """A middleware whose `process_spider_output` is an async generator."""

    plain = None

    def __init__(self, hook: Callable[..., Any], above: int) -> None:
        self.hook = hook
        self.above = above

    async def waiting(self, source: AsyncIterator[Any], passage: Passage) -> AsyncIterator[Any]:
        """Results, one after the other."""
        try:
            async for thing in self.hook(passage.response, source):
                yield thing
        except Exception as problem:
            passage.recover(problem, self.above)


def is_async_generator(method: Callable[..., Any]) -> bool:
    """Whether calling it gives an async generator, also through a decorator that says what it wraps."""
    return inspect.isasyncgenfunction(inspect.unwrap(method))


def hook_name(method: Callable[..., Any]) -> str:
    """`package.module.Class.method`, for messages."""
    return f"{object_path(type(getattr(method, '__self__', method)))}.{method.__name__}"


def follow_expanded(source: Iterable[Any]) -> Iterator[Any]:
    """The source with the requests of each `follow_all` in its place, for middlewares that know only requests."""
    for thing in source:
        if type(thing) is FollowAll:
            yield from thing
        else:
            yield thing


async def follow_expanded_async(source: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """The same for a source that has to be waited for."""
    async for thing in source:
        for one in thing if type(thing) is FollowAll else (thing,):
            yield one


async def as_async(source: Iterable[Any]) -> AsyncIterator[Any]:
    """Things that are there already, for somebody who waits."""
    for thing in source:
        yield thing


async def _collected(source: AsyncIterator[Any]) -> tuple[list[Any], Exception | None]:
    things: list[Any] = []
    try:
        async for thing in source:
            things.append(thing)  # noqa: PERF401 RUF100  what came before an exception must be kept
    except Exception as problem:
        return things, problem
    return things, None


def _replay(things: list[Any], problem: Exception | None) -> Iterator[Any]:
    yield from things
    if problem is not None:
        raise problem
