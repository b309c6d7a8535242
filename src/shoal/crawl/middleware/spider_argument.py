"""Hooks of older middlewares and pipelines that ask for the spider as their last argument.

The one rule: a hook that requires a `spider` gets it, and its owner is told once that this is the old way.
"""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.names import public_module

if TYPE_CHECKING:
    from collections.abc import Callable

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def requires_spider(hook: Callable[..., Any]) -> bool:
    """Whether the hook cannot be called without a `spider`."""
    try:
        parameter = inspect.signature(hook).parameters.get("spider")
    except (TypeError, ValueError):
        return False
    if parameter is None or parameter.default is not parameter.empty:
        return False
    return parameter.kind in (*_POSITIONAL, parameter.KEYWORD_ONLY)


def warn_about_spider(hook: Callable[..., Any]) -> None:
    """Say that the hook of this component still asks for the spider."""
    owner = type(getattr(hook, "__self__", hook))
    warnings.warn(
        f"{public_module(owner.__module__, owner.__qualname__)}.{owner.__qualname__}.{hook.__name__}() requires a "
        "spider argument, this is deprecated and the argument will not be passed in future Scrapy versions. "
        "Build the component with from_crawler() and use crawler.spider instead.",
        ScrapyDeprecationWarning,
        stacklevel=4,
    )


def with_spider(hook: Callable[..., Any], spider: Callable[[], Any]) -> Callable[..., Any]:
    """The hook as one that need not be given the spider: `spider()` is asked at each call."""

    def called(*arguments: Any) -> Any:
        return hook(*arguments, spider=spider())

    return called
