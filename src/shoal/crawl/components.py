"""Components: classes named by a setting, found by their path and built with the crawler they serve.

The one rule: a path that begins with `scrapy.` means Shoal's own class of that name, whether or not `import scrapy`
means Shoal in this process.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol

from shoal.crawl.default_homes import HOMES, home_of
from shoal.crawl.names import public_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType


class Served(Protocol):
    """What components are built for: a Crawler, of which only the settings matter here."""

    @property
    def settings(self) -> Any:
        """The settings of the crawl."""


def load_object(path: str | Callable[..., Any]) -> Any:
    """The object with that dotted path; a class or a function comes back as it is.

    Raises TypeError for other things, ValueError for a path without a dot, ImportError where there is no such module,
    and NameError where the module has no such name.
    """
    if not isinstance(path, str):
        if callable(path):
            return path
        raise TypeError(f"Unexpected argument type, expected string or object, got: {type(path)}")
    module_name, dot, name = path.rpartition(".")
    if not dot:
        raise ValueError(f"Error loading object '{path}': not a full path")
    module = load_module(home_of(path) or module_name)
    try:
        return getattr(module, name)
    except AttributeError:
        raise NameError(f"Module '{module_name}' doesn't define any object named '{name}'") from None


def load_module(name: str) -> ModuleType:
    """Import a module; `scrapy` and what is below it are Shoal's."""
    if name == "scrapy" or name.startswith("scrapy."):
        name = "shoal." + name
    return import_module(name)


def walk_modules(path: str) -> Iterator[ModuleType]:
    """The module of that path and, for a package, all modules below it, parents first. Raises ImportError."""
    module = load_module(path)
    yield module
    for _, name, is_package in iter_modules(getattr(module, "__path__", ())):
        below = f"{path}.{name}"
        if is_package:
            yield from walk_modules(below)
        else:
            yield load_module(below)


def build_from_crawler(component: Callable[..., Any], crawler: Served, /, *args: Any, **kwargs: Any) -> Any:
    """An instance: by the class's `from_crawler`, or by its old `from_settings`, or by calling it.

    Raises TypeError when the class method gives None.
    """
    how = "__new__"
    if hasattr(component, "from_crawler"):
        how, instance = "from_crawler", component.from_crawler(crawler, *args, **kwargs)
    elif hasattr(component, "from_settings"):
        how, instance = "from_settings", component.from_settings(crawler.settings, *args, **kwargs)
    else:
        instance = component(*args, **kwargs)
    if instance is None:
        raise TypeError(f"{component.__qualname__}.{how} returned None")
    return instance


def object_path(component: Any) -> str:
    """The path a user knows a class or function by: Scrapy's where Scrapy has it. Strings stay as they are."""
    if isinstance(component, str):
        return component
    named = component if hasattr(component, "__qualname__") else type(component)
    return f"{public_module(named.__module__, named.__qualname__)}.{named.__qualname__}"


def same_component(key: Any) -> Any:
    """What is equal for all keys that mean the same component; a default one is known by its path, and not imported.

    A key that stands for nothing (yet) stands for itself.
    """
    if isinstance(key, str) and key in HOMES:
        return key
    try:
        component = load_object(key)
    except (AttributeError, ImportError, NameError, TypeError, ValueError):
        return key
    path = object_path(component)
    return path if path in HOMES and load_object(path) is component else component


def _loaded(key: Any) -> Any:
    """The component; a default one, whose path says all, is imported when it is built."""
    return key if isinstance(key, str) and key in HOMES else load_object(key)


def component_order(table: Mapping[Any, Any], convert: Callable[[Any], Any] = _loaded) -> list[Any]:
    """The components of a priority table in the order of their numbers; those with None are switched off.

    Default components are named by their paths.

    Raises ValueError for a number that is none, and where two keys mean the same component.
    """
    converted = _converted(table, convert)
    for component, number in converted.items():
        if number is not None and not isinstance(number, (int, float)):
            raise ValueError(
                f"Invalid value {number} for component {component}, please provide a real number or None instead"
            )
    wanted = [(number, component) for component, number in converted.items() if number is not None]
    return [component for _, component in sorted(wanted, key=lambda pair: pair[0])]


def _converted(table: Mapping[Any, Any], convert: Callable[[Any], Any]) -> dict[Any, Any]:
    """The table with every key converted; of two keys that mean the same, the one set with more authority."""
    getpriority = getattr(table, "getpriority", lambda _key: 0)
    authority: dict[Any, int] = {}
    converted: dict[Any, Any] = {}
    for key, number in table.items():
        component = convert(key)
        rank = getpriority(key)
        if authority.get(component) == rank:
            raise ValueError(f"Some paths in {list(table)!r} convert to the same object, please update your settings")
        if component not in authority or rank > authority[component]:
            authority[component] = rank
            converted[component] = number
    return converted
