"""scrapy.contrib: where Scrapy before 1.0 kept most of its parts.

The one rule: a moved module is served under both names as one object, so that its classes are the same classes.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from shoal.scrapy._alias import REAL, AliasLoader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from types import ModuleType

_OLD = f"{REAL}.contrib."

# The first part of the old name below scrapy.contrib, and the new one below scrapy; the rest of the name stays.
_MOVED = {
    "downloadermiddleware": "downloadermiddlewares",
    "spidermiddleware": "spidermiddlewares",
    "pipeline": "pipelines",
    "exporter": "exporters",
    "linkextractors": "linkextractors",
    "loader": "loader",
    "spiders": "spiders",
    **{
        name: f"extensions.{name}"
        for name in (
            "closespider",
            "corestats",
            "debug",
            "feedexport",
            "httpcache",
            "logstats",
            "memdebug",
            "memusage",
            "spiderstate",
            "statsmailer",
            "throttle",
        )
    },
}


def new_name(old: str) -> str | None:
    """Where `shoal.scrapy.contrib.x.y` is now; None for what never was there."""
    if not old.startswith(_OLD):
        return None
    first, dot, rest = old.removeprefix(_OLD).partition(".")
    if first not in _MOVED:
        return None
    # itemloaders took the processors over, and Scrapy's module is named in the plural since.
    rest = "processors" if (first, rest) == ("loader", "processor") else rest
    return f"{REAL}.{_MOVED[first]}{dot}{rest}"


class _MovedFinder:
    """Answers for what is below scrapy.contrib."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  the import system's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The spec of the old name, whose loader hands out the module of the new one."""
        new = new_name(fullname)
        found = None if new is None else find_spec(new)
        if new is None or found is None:
            return None
        spec = ModuleSpec(fullname, cast("Loader", AliasLoader(new)), origin=found.origin)
        spec.submodule_search_locations = found.submodule_search_locations
        spec.has_location = found.has_location
        return spec


if not any(isinstance(finder, _MovedFinder) for finder in sys.meta_path):
    sys.meta_path.insert(0, _MovedFinder())
