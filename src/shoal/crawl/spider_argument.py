"""Hooks of older components that want the spider as an argument.

The one rule: what a hook asks for is looked up once, when its chain is built; a hook that asks for no spider costs
nothing.
"""

from __future__ import annotations

import inspect
import warnings
from functools import wraps
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import object_path
from shoal.crawl.exceptions import ScrapyDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.crawler import Crawler


def without_spider(hook: Callable[..., Any], crawler: Crawler | None) -> Callable[..., Any]:
    """The hook, callable without `spider`: one that requires it gets the crawler's, and a warning is given."""
    if not requires_spider(hook):
        return hook
    warnings.warn(
        f"{object_path(hook)}() requires a spider argument, this is deprecated and the argument will not be passed"
        " in future Scrapy versions. Save the crawler in from_crawler() and use its spider attribute instead.",
        ScrapyDeprecationWarning,
        stacklevel=2,
    )

    @wraps(hook)
    def called(*args: Any, **kwargs: Any) -> Any:
        return hook(*args, **kwargs, spider=None if crawler is None else crawler.spider)

    return called


def requires_spider(hook: Callable[..., Any]) -> bool:
    """Whether the hook has an argument `spider` without a default."""
    try:
        parameter = inspect.signature(hook).parameters.get("spider")
    except (TypeError, ValueError):
        return False
    return parameter is not None and parameter.default is parameter.empty
