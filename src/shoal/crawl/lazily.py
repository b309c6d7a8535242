"""Modules whose names are imported from their homes when somebody asks for them.

The one rule: what `from face import name` gives is the very object that `name` is at its home; only when its home is
imported differs. A crawl that writes JSON loads no CSV, and a spider of pages no reader of feeds.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def later(face: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of module `face`, whose names are found in `homes`: name -> module, or "module:other name"."""

    def found(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {face!r} has no attribute {name!r}")
        module, _, other = homes[name].partition(":")
        value = getattr(import_module(module), other or name)
        setattr(sys.modules[face], name, value)
        return value

    return found
