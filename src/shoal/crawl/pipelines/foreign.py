"""Pipeline managers of projects (ITEM_PROCESSOR) that were written before managers had coroutines.

The one rule: of a method and its coroutine, the one that the project wrote last in the class's line is called.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.awaiting import settle
from shoal.crawl.exceptions import ScrapyDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shoal.crawl.crawler import Crawler


def manager_call(manager: Any, name: str, crawler: Crawler) -> Callable[..., Awaitable[Any]]:
    """What to call for `name` ("open_spider", "close_spider" or "process_item"), without the spider, and await."""
    modern = f"{name}_async"
    cls = type(manager)
    if not hasattr(manager, modern):
        complaint = f"{cls.__name__} doesn't define a {modern}() method, its {name}() is called instead."
    elif _level(cls, name) < _level(cls, modern):
        complaint = f"{cls.__name__} overrides {name}() but doesn't override {modern}(), so {name}() is called instead."
    else:
        call: Callable[..., Awaitable[Any]] = getattr(manager, modern)
        return call
    warnings.warn(f"{complaint} This is deprecated.", ScrapyDeprecationWarning, stacklevel=2)
    old = getattr(manager, name)

    async def called(*args: Any) -> Any:
        return await settle(old(*args, crawler.spider))

    return called


def _level(cls: type, name: str) -> int:
    """How far up the class's line of ancestors the method is defined; beyond all of them when it is not."""
    return next((level for level, base in enumerate(cls.__mro__) if name in vars(base)), len(cls.__mro__))
