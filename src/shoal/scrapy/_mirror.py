"""Lets a change made to a face reach the module behind it.

Projects (and Scrapy's own tests) replace names inside Scrapy's modules: `monkeypatch.setattr("scrapy.x.y", ...)`.
The one rule: a name set on the face is set in every home that has it, and nowhere else.
"""

from __future__ import annotations

import sys
from types import ModuleType

_HOMES: dict[str, tuple[ModuleType, ...]] = {}


class _Mirror(ModuleType):
    """A face whose names, when replaced, are replaced at home as well."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        for home in _HOMES[self.__name__]:
            if name in home.__dict__ and not name.startswith("__"):
                setattr(home, name, value)


def mirror(face: str, *homes: ModuleType) -> None:
    """Say that module `face` (its `__name__`) stands for `homes`."""
    _HOMES[face] = homes
    sys.modules[face].__class__ = _Mirror
