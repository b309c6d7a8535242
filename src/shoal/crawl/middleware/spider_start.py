"""What a crawl begins with, on its way through the spider middlewares.

The one rule: nothing is taken before it is wanted. Only a `process_start_requests` of old, when something before it
has to be waited for, gets everything at once: a plain function cannot wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import InvalidOutput
from shoal.crawl.middleware.spider_steps import as_async, hook_name
from shoal.crawl.outputs import is_async
from shoal.crawl.spider import Spider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable


def start_of(spider: Any) -> Any:
    """A plain iterable where the spider gives one (`start_requests` of old), otherwise an async iterator.

    Raises TypeError for a `start()` that gives neither.
    """
    if getattr(type(spider), "start", None) is Spider.start and not is_async(spider.start_requests):
        requests = spider.start_requests()
        if hasattr(requests, "__iter__"):
            return requests
        return () if requests is None else _waited_for(requests)
    start = spider.start()
    if hasattr(start, "__aiter__"):
        return start
    if hasattr(start, "close"):
        start.close()
    raise TypeError(
        f"{type(spider).__name__}.start() must be an asynchronous generator, "
        f"i.e. an async def method with yield statements, got {type(start)}"
    )


async def _waited_for(requests: Any) -> AsyncIterator[Any]:
    async for thing in requests if hasattr(requests, "__aiter__") else as_async(await requests):
        yield thing


def through_start_hooks(start: Any, hooks: Iterable[Callable[..., Any]], spider: Any) -> AsyncIterator[Any]:
    """What is left of `start` after all hooks, those nearest to the spider first. Raises InvalidOutput."""
    for hook in hooks:
        if hook.__name__ == "process_start_requests":
            start = _old(hook, start, spider)
        else:
            start = hook(start if hasattr(start, "__aiter__") else as_async(start))
            if not hasattr(start, "__aiter__"):
                raise InvalidOutput(f"{hook_name(hook)} must be an asynchronous generator, it returned {type(start)}")
    return start if hasattr(start, "__aiter__") else as_async(start)


def _old(hook: Callable[..., Any], start: Any, spider: Any) -> Any:
    if hasattr(start, "__aiter__"):
        return _old_after_waiting(hook, start, spider)
    return _called(hook, start, spider)


async def _old_after_waiting(hook: Callable[..., Any], start: AsyncIterator[Any], spider: Any) -> AsyncIterator[Any]:
    for thing in _called(hook, [thing async for thing in start], spider):
        yield thing


def _called(hook: Callable[..., Any], start: Iterable[Any], spider: Any) -> Iterable[Any]:
    requests = hook(start, spider)
    if not hasattr(requests, "__iter__"):
        raise InvalidOutput(f"{hook_name(hook)} must return an iterable, got {type(requests)}")
    return requests  # type: ignore[no-any-return]
