"""Finds the spiders of a project, in the modules that SPIDER_MODULES names.

The one rule: a spider is a subclass of Spider that a module defines itself and gives a name.
"""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Protocol, cast

from shoal.crawl.components import load_object, walk_modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Self

    from shoal.crawl.request import Request
    from shoal.crawl.settings import BaseSettings
    from shoal.crawl.spider import Spider


_Names = list[str]  # the classes below have a method named `list`


class SpiderLoaderProtocol(Protocol):
    """What SPIDER_LOADER_CLASS must offer."""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """A loader for these settings."""

    def load(self, spider_name: str) -> type[Spider]:
        """The class with that name. Raises KeyError."""

    def list(self) -> _Names:
        """All names."""

    def find_by_request(self, request: Request) -> _Names:
        """The names of spiders that would take this request."""


class SpiderLoader:
    """The spiders below the modules of SPIDER_MODULES, imported when the loader is made.

    With SPIDER_LOADER_WARN_ONLY a module that cannot be imported is a warning, else its error is raised.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self.spider_modules = settings.getlist("SPIDER_MODULES")
        self.warn_only = settings.getbool("SPIDER_LOADER_WARN_ONLY")
        self._spiders: dict[str, type[Spider]] = {}
        self._found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._load_all_spiders()

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """A loader for these settings."""
        return cls(settings)

    def load(self, spider_name: str) -> type[Spider]:
        """The class with that name. Raises KeyError."""
        try:
            return self._spiders[spider_name]
        except KeyError:
            raise KeyError(f"Spider not found: {spider_name}") from None

    def find_by_request(self, request: Request) -> _Names:
        """The names of spiders that would take this request."""
        return [name for name, spider in self._spiders.items() if spider.handles_request(request)]

    def list(self) -> _Names:
        """All names."""
        return [*self._spiders]

    def _load_all_spiders(self) -> None:
        for path in self.spider_modules:
            try:
                for module in walk_modules(path):
                    self._load_spiders(module)
            except (ImportError, SyntaxError):
                if not self.warn_only:
                    raise
                warnings.warn(
                    f"\n{traceback.format_exc()}Could not load spiders from module '{path}'. "
                    "See above traceback for details.",
                    category=RuntimeWarning,
                    stacklevel=2,
                )
        self._check_name_duplicates()

    def _load_spiders(self, module: ModuleType) -> None:
        for spider in spiders_of(module):
            self._found[spider.name].append((module.__name__, spider.__name__))
            self._spiders[spider.name] = spider

    def _check_name_duplicates(self) -> None:
        same = [
            f"  {class_name} named {name!r} (in {module})"
            for name, places in self._found.items()
            if len(places) > 1
            for module, class_name in places
        ]
        if same:
            listed = "\n\n".join(same)
            warnings.warn(
                f"There are several spiders with the same name:\n\n{listed}\n\n  This can cause unexpected behavior.",
                category=UserWarning,
                stacklevel=2,
            )


class DummySpiderLoader:
    """No spiders: for a crawl whose spider is given as a class."""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:  # noqa: ARG003
        """A loader of nothing."""
        return cls()

    def load(self, spider_name: str) -> type[Spider]:
        """Always a KeyError."""
        raise KeyError(f"{spider_name}: DummySpiderLoader doesn't load any spiders")

    def find_by_request(self, request: Request) -> _Names:  # noqa: ARG002
        """None."""
        return []

    def list(self) -> _Names:
        """None."""
        return []


def get_spider_loader(settings: BaseSettings) -> SpiderLoaderProtocol:
    """The loader that SPIDER_LOADER_CLASS names."""
    loader = load_object(settings["SPIDER_LOADER_CLASS"])
    return cast("SpiderLoaderProtocol", loader.from_settings(settings.frozencopy()))


def spiders_of(module: ModuleType) -> Iterator[type[Spider]]:
    """The spider classes that a module defines itself and that have a name."""
    from shoal.crawl.spider import Spider

    for value in vars(module).values():
        if _is_spider(value, Spider) and value.__module__ == module.__name__ and getattr(value, "name", None):
            yield value


def _is_spider(value: Any, spider: type) -> bool:
    return inspect.isclass(value) and issubclass(value, spider)
