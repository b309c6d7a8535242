"""Makes `import scrapy.x.y` give the very module object of `shoal.scrapy.x.y`.

The one rule: one module object under two names, never a second copy, so that `isinstance` and monkeypatching agree.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import InspectLoader, Loader
    from types import CodeType, ModuleType

ALIAS = "scrapy"
REAL = "shoal.scrapy"


class AliasLoader:
    """Hands out a module that exists already under its own name.

    A loader by its methods: `importlib.abc`, which has a base class for it, takes 10 ms to import.
    """

    def __init__(self, real: str) -> None:
        self._real = real
        self._own_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002  the import system's signature
        """The module itself; imported under its own name first when nobody has yet."""
        module = import_module(self._real)
        self._own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give back the spec that the import system has just overwritten with the alias's."""
        module.__spec__ = self._own_spec

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002
        """Asked by `python -m scrapy.x`."""
        return self._spec().submodule_search_locations is not None

    def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002
        """Asked by `python -m scrapy.x`, which runs a module without importing it."""
        loader: InspectLoader = self._spec().loader  # type: ignore[assignment]
        return loader.get_code(self._real)

    def get_source(self, fullname: str) -> str | None:  # noqa: ARG002
        """Asked by tracebacks and `inspect`."""
        loader: InspectLoader = self._spec().loader  # type: ignore[assignment]
        return loader.get_source(self._real)

    def _spec(self) -> ModuleSpec:
        spec = find_spec(self._real)
        if spec is None:
            raise ImportError(f"no module named {self._real!r}", name=self._real)
        return spec


class AliasFinder:
    """Answers for `scrapy` and everything below it, and for nothing else. A finder by its methods, as the loader."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The alias's spec; None for other people's names and for what the layer does not have."""
        if fullname != ALIAS and not fullname.startswith(ALIAS + "."):
            return None
        real = REAL + fullname.removeprefix(ALIAS)
        found = find_spec(real)
        if found is None:
            return None
        spec = ModuleSpec(fullname, cast("Loader", AliasLoader(real)), origin=found.origin)
        spec.submodule_search_locations = found.submodule_search_locations
        spec.has_location = found.has_location
        return spec


def is_installed() -> bool:
    """Whether `import scrapy` means Shoal in this process."""
    return any(isinstance(finder, AliasFinder) for finder in sys.meta_path)


def install(*, over_scrapy: bool = False) -> None:
    """From now on `import scrapy` means `shoal.scrapy` in this process. Calling it again does nothing.

    Raises UsageError when Scrapy itself is installed or already imported, unless `over_scrapy` says that this is
    meant.
    """
    if is_installed():
        return
    if not over_scrapy and (ALIAS in sys.modules or PathFinder.find_spec(ALIAS) is not None):
        raise UsageError(
            "Scrapy itself is installed here; Shoal does not take its name unless told to: install(over_scrapy=True)"
        )
    _forget()
    sys.meta_path.insert(0, AliasFinder())


def uninstall() -> None:
    """Undo `install()`: `import scrapy` looks for Scrapy again. Names imported before keep what they hold."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AliasFinder)]
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name == ALIAS or name.startswith(ALIAS + ".")]:
        del sys.modules[name]
