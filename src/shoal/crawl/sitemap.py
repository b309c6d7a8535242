"""Sitemaps (sitemaps.org) and the Sitemap lines of robots.txt.

The one rule: read as a stream, so that a sitemap of 50,000 URLs is never a tree in memory; forgiving, since many are
not quite XML; nothing outside the text is fetched.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sitemap:
    """The entries of a sitemap, each a dict of its elements' texts; `alternate` lists its translations.

    `type` is `urlset` or `sitemapindex`, or whatever the outermost element is called; empty when there is none.
    """

    def __init__(self, xmltext: bytes) -> None:
        self._xml = xmltext.strip()
        self.type = next((_local_name(element) for event, element in self._events() if event == "start"), "")

    def _events(self) -> Iterator[tuple[str, Any]]:
        events = etree.iterparse(
            BytesIO(self._xml),
            events=("start", "end"),
            recover=True,
            remove_comments=True,
            resolve_entities=False,
            huge_tree=True,
        )
        # Raised in spite of `recover` when there is nothing to recover: that is a sitemap without entries.
        with suppress(etree.XMLSyntaxError):
            yield from events

    def __iter__(self) -> Iterator[dict[str, Any]]:
        depth = 0
        for event, element in self._events():
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 1:
                entry = _entry(element)
                _forget(element)
                if "loc" in entry:
                    yield entry


def _entry(element: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for part in element.iterchildren(tag=etree.Element):
        name = _local_name(part)
        if name != "link":
            entry[name] = (part.text or "").strip()
        elif "href" in part.attrib:
            entry.setdefault("alternate", []).append(part.get("href"))
    return entry


def _forget(element: Any) -> None:
    parent = element.getparent()
    element.clear()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _local_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def sitemaps_in_robots(robots_text: bytes, base_url: str | None = None) -> Iterator[str]:
    """The URLs of the Sitemap lines of a robots.txt, absolute if `base_url` is given (RFC 9309, section 2.2.4)."""
    for line in robots_text.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap":
            yield urljoin(base_url or "", value.strip())
