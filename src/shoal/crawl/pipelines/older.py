"""Media pipelines of older projects: written before their methods and constructors had the arguments of today.

The one rule: what a method takes is looked up once, when the pipeline is made.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shoal.crawl.crawler import Crawler

# Methods that got the argument `item` later than projects began to override them.
_ITEM_CAME_LATER = (
    "file_downloaded",
    "file_path",
    "get_images",
    "image_downloaded",
    "media_downloaded",
    "media_to_download",
    "thumb_path",
)


def what_init_takes(cls: type, crawler: Crawler) -> dict[str, Any]:
    """Of the crawler and its settings, what the constructor of the class has arguments for."""
    parameters = inspect.signature(cls).parameters
    if "crawler" in parameters or _takes_any(parameters.values()):
        return {"crawler": crawler}
    return {"settings": crawler.settings} if "settings" in parameters else {}


def drop_late_item(pipeline: object) -> None:
    """Let methods that older projects wrote without the argument `item` be called with it."""
    for name in _ITEM_CAME_LATER:
        method = getattr(pipeline, name, None)
        if method is not None and not _takes_item(method):
            setattr(pipeline, name, partial(_without_item, method))


def _takes_item(method: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(method).parameters
    except (TypeError, ValueError):
        return True
    return "item" in parameters or _takes_any(parameters.values())


def _without_item(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    kwargs.pop("item", None)
    return method(*args, **kwargs)


def _takes_any(parameters: Iterable[inspect.Parameter]) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
