"""Decorators for functions that are old, or slow."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from shoal.crawl.exceptions import ScrapyDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_P = ParamSpec("_P")
_T = TypeVar("_T")

__all__ = ["deprecated", "inthread"]


def deprecated(use_instead: Any = None) -> Any:
    """Warn at every call; used with or without the name of what replaces the function."""
    if callable(use_instead):
        return deprecated()(use_instead)

    def decorate(function: Callable[_P, _T]) -> Callable[_P, _T]:
        message = f"Call to deprecated function {function.__name__}."
        if use_instead:
            message += f" Use {use_instead} instead."

        @wraps(function)
        def warned(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            warnings.warn(message, ScrapyDeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        return warned

    return decorate


def inthread(function: Callable[_P, _T]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """Run the function in a thread: what it returns is to be awaited."""

    @wraps(function)
    async def threaded(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await asyncio.to_thread(function, *args, **kwargs)

    return threaded


def _warn_spider_arg(function: Callable[..., Any]) -> Callable[..., Any]:
    """Warn when a spider is passed to a function that no longer needs one; coroutines stay what they are."""
    signature = inspect.signature(function)

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if "spider" in signature.bind(*args, **kwargs).arguments:
            warnings.warn(
                f"Passing a 'spider' argument to {function.__qualname__}() is deprecated.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
        return function(*args, **kwargs)

    return checked
