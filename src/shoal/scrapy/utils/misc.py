"""Components by path, and small conveniences."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shoal.crawl import callback_check
from shoal.crawl.callback_check import is_generator_with_return_value, warn_on_generator_with_return_value
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.components import walk_modules as walk_modules_iter
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.item import Item
from shoal.scrapy._mirror import mirror

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "arg_to_iter",
    "build_from_crawler",
    "create_instance",
    "is_generator_with_return_value",
    "load_object",
    "md5sum",
    "rel_has_nofollow",
    "set_environ",
    "walk_modules",
    "walk_modules_iter",
    "warn_on_generator_with_return_value",
]

mirror(__name__, callback_check)

_SINGLE = (dict, Item, str, bytes)


def arg_to_iter(arg: Any) -> Iterable[Any]:
    """Something to iterate: nothing for None, one thing for a string, bytes, a dict, an item or what has no items."""
    if arg is None:
        return []
    if not isinstance(arg, _SINGLE) and hasattr(arg, "__iter__"):
        return arg  # type: ignore[no-any-return]
    return [arg]


def create_instance(objcls: Any, settings: Any, crawler: Any, *args: Any, **kwargs: Any) -> Any:
    """An instance by `from_crawler`, `from_settings` or the class itself; Scrapy has dropped it, projects have not."""
    if crawler is not None:
        return build_from_crawler(objcls, crawler, *args, **kwargs)
    if settings is None:
        raise ValueError("Specify at least one of settings and crawler.")
    if hasattr(objcls, "from_settings"):
        return objcls.from_settings(settings, *args, **kwargs)
    return objcls(*args, **kwargs)


def walk_modules(path: str) -> list[ModuleType]:
    """The modules of `walk_modules_iter`, as a list."""
    warnings.warn(
        "The scrapy.utils.misc.walk_modules function is deprecated and will be removed in a future version of Scrapy. "
        "Use scrapy.utils.misc.walk_modules_iter instead.",
        ScrapyDeprecationWarning,
        stacklevel=2,
    )
    return list(walk_modules_iter(path))


def md5sum(file: Any) -> str:
    """The MD5 of what is left to read in a binary file, in hexadecimal: a name for contents, not a safeguard."""
    import hashlib

    digest = hashlib.md5(usedforsecurity=False)
    while chunk := file.read(8096):
        digest.update(chunk)
    return digest.hexdigest()


def rel_has_nofollow(rel: str | None) -> bool:
    """Whether the value of a link's `rel` holds "nofollow" among its words."""
    return rel is not None and "nofollow" in re.split(r"[\s,]+", rel.lower())


@contextmanager
def set_environ(**kwargs: str) -> Iterator[None]:
    """Environment variables that hold within the `with` block."""
    before = os.environ.copy()
    os.environ.update(kwargs)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
