"""Whether a crawler got everything, and everything right.

The one rule: all items are compared, sorted, with the site's reference; of a peer that makes no items, the pages.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.crawl.sites import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.crawl.sites import Site

RIGHT = "every page, every item"
EVERY_PAGE = RIGHT  # of those that make no items; they are asked for no more


class Items:
    """Reads the items that a contestant has left in a file, a JSON a line."""

    def __init__(self, site: Site, out: Path) -> None:
        self._site = site
        self._out = out

    def __call__(self, _text: str) -> str:
        """RIGHT, or what is wrong."""
        if not self._out.exists():
            return "no items at all"
        with self._out.open(encoding="utf-8") as file:
            found = sorted(map(_normal, file))
        wanted = self._site.items()
        if found == wanted:
            return RIGHT
        return _difference(found, wanted)


class Pages:
    """Reads the URLs or paths that a contestant prints: all pages must be among them, whatever else is."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __call__(self, text: str) -> str:
        """RIGHT, or what is missing."""
        found = {_path(line) for line in text.split()}
        wanted = {json.loads(line)["url"] for line in self._site.items()}
        missing = wanted - found
        return f"{len(missing)} of {len(wanted)} pages are missing, such as {min(missing)}" if missing else RIGHT


def _normal(line: str) -> str:
    item = json.loads(line)
    return canonical(item | {"url": urlsplit(item["url"]).path})


def _path(url: str) -> str:
    path = urlsplit(url).path
    return path + "index.html" if path.endswith("/") else path or "/index.html"


def _difference(found: list[str], wanted: list[str]) -> str:
    more, less = _first_beyond(found, wanted), _first_beyond(wanted, found)
    said = f"{len(found)} items of {len(wanted)}"
    return said + (f"; not wanted: {more}" if more else "") + (f"; missing: {less}" if less else "; some twice")


def _first_beyond(these: Iterable[str], those: Iterable[str]) -> str | None:
    beyond = set(these).difference(those)
    return min(beyond) if beyond else None
