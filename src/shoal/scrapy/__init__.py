"""Scrapy's names for Shoal's crawler: the same module paths, classes and settings, without Twisted.

Import it as it is (`from shoal import scrapy`), or call `install()` first and write `import scrapy`. The one rule:
nothing is put in Scrapy's place unless asked, and never over a Scrapy that is installed unless asked twice.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from shoal.scrapy._alias import install, uninstall

if TYPE_CHECKING:
    from shoal.scrapy.http import FormRequest, Request
    from shoal.scrapy.item import Field, Item
    from shoal.scrapy.selector import Selector
    from shoal.scrapy.spiders import Spider

__all__ = [
    "Field",
    "FormRequest",
    "Item",
    "Request",
    "Selector",
    "Spider",
    "__version__",
    "install",
    "uninstall",
    "version_info",
]

# The release of Scrapy whose documented behaviour, and whose own tests, this layer is held against.
__version__ = "2.19.0"
version_info = (2, 19, 0)

_HOMES = {
    "Field": "item",
    "FormRequest": "http",
    "Item": "item",
    "Request": "http",
    "Selector": "selector",
    "Spider": "spiders",
}


def __getattr__(name: str) -> object:
    """Public names are imported when they are first used, so that `install()` costs a millisecond."""
    if name not in _HOMES:
        if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
            return import_module(
                f"{__name__}.{name}"
            )  # `scrapy.item` after a mere `import scrapy`, as itemadapter has it
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"shoal.scrapy.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
