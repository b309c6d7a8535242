"""The practice sites by name.

The one rule: a site is one line here, and its module is loaded only when it is wanted. It is a class with keyword-only
options (or those with defaults), of which `seed` and `mode` are given if it has them; called with an `Asked` it
returns an `Answer`. `MODES` names its modes, `observed` what it has seen; both may be missing. A function will do too.
"""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shoal.lab.message import Answer, Asked

    Site = Callable[[Asked], Answer]


class Entry(NamedTuple):
    """Where a site is found."""

    module: str
    name: str
    summary: str


SITES = {
    "jobs": Entry("shoal.lab.jobs", "JobBoard", "a job board that refuses those who hurry"),
    "films": Entry("shoal.lab.films", "FilmBoard", "a board of the hundred best films, ten a page"),
    "gallery": Entry("shoal.lab.gallery", "Gallery", "pictures: whole, broken, twice, huge, slow, and what is none"),
    "quotes": Entry("shoal.lab.quotes", "QuotesSite", "quotes, tags, authors, a log-in, an endless page"),
    "maze": Entry("shoal.lab.maze", "page", "a site without end, twenty links a page"),
}


def modes(name: str) -> tuple[str, ...]:
    """The modes a site has. Raises UsageError for a site there is not."""
    return tuple(getattr(_found(name), "MODES", ()))


def build(name: str, *, seed: int = 0, mode: str = "", options: Mapping[str, object] | None = None) -> Site:
    """The site, ready to be served; `mode` "" is its usual one. Raises UsageError for a name or mode there is not."""
    found = _found(name)
    if not isinstance(found, type):  # a function is the site itself
        return cast("Site", found)
    known = signature(found).parameters
    given: dict[str, object] = {"seed": seed} if "seed" in known else {}
    if mode and "mode" in known:
        given["mode"] = mode
    return cast("Site", found(**given, **(options or {})))


def _found(name: str) -> Any:
    if name not in SITES:
        raise UsageError(f"there is no practice site {name!r}; there are {', '.join(SITES)}")
    entry = SITES[name]
    return getattr(import_module(entry.module), entry.name)
