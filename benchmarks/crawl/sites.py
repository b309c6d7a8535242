"""The sites that are crawled: generated ones, and a tree of documentation as it is.

The one rule: a site is the same bytes on every machine, and what a crawl of it must give is known without crawling:
generated pages keep the data they were made of.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import deque
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

# A part of what a site is made of; a change here makes all sites anew.
VERSION = "2"
_LETTERS = "abcdefghijklmnoprstuvwy"
_TAGS = 50


@dataclass(frozen=True)
class Site:
    """Files under `root`, the path a crawl begins with, and in `reference` the items that it must give, a JSON a line.

    In the items, `url` is a path. Every page gives an item with its title, and one for each of its item blocks.
    """

    root: Path
    start: str

    @property
    def reference(self) -> Path:
        """The items, sorted."""
        return self.root.with_suffix(".items")

    def items(self) -> list[str]:
        """The lines of the reference."""
        return self.reference.read_text("utf-8").splitlines()


@dataclass(frozen=True)
class Plan:
    """How many pages, and of each: links (those in item blocks included), item blocks, paragraphs."""

    pages: int
    links: int
    blocks: int
    paragraphs: int


SMALL = Plan(2_000, 20, 1, 5)
SMALL_WHOLE = Plan(20_000, 20, 1, 5)
BIG = Plan(2_000, 100, 20, 70)


def canonical(item: dict[str, Any]) -> str:
    """An item as a line: the same for all crawlers."""
    return json.dumps(item, sort_keys=True, ensure_ascii=False)


def generated(root: Path, plan: Plan) -> Site:
    """The site of a plan, made if it is not there."""
    site = Site(root, "/index.html")
    if not _is_there(site):
        _begin(root)
        _finish(site, sorted(_Author(plan).write(root)))
    return site


def documentation(root: Path, tree: Path, start: str) -> Site:
    """A copy of a tree of HTML files; what belongs to it is found by walking its links with the standard library."""
    site = Site(root, start)
    if not _is_there(site):
        _begin(root)
        shutil.copytree(tree, root, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        _finish(site, sorted(_walk(root, start)))
    return site


def _is_there(site: Site) -> bool:
    mark = site.root.with_suffix(".version")
    return mark.exists() and mark.read_text("ascii") == VERSION


def _begin(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)


def _finish(site: Site, items: list[str]) -> None:
    site.reference.write_text("\n".join(items) + "\n", encoding="utf-8")
    site.root.with_suffix(".version").write_text(VERSION, encoding="ascii")


class _Author:
    """Writes pages of made-up words; the seed is fixed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = random.Random(7)
        self.words = ["".join(self.random.choices(_LETTERS, k=self.random.randint(3, 9))) for _ in range(3000)]

    def some(self, count: int) -> str:
        """That many words."""
        return " ".join(self.random.choices(self.words, k=count))

    def write(self, root: Path) -> Iterator[str]:
        """Write all files; what comes out are the items."""
        (root / "robots.txt").write_text("User-agent: *\nDisallow: /private/\n", encoding="ascii")
        yield _page(root, "/index.html", "The beginning", '<a href="/p/0.html">start</a>')
        for number in range(_TAGS):
            link = f'<a href="/p/{self.random.randrange(self.plan.pages)}.html">one of them</a>'
            yield _page(root, f"/t/{number}.html", f"tag {number}", link)
        for number in range(self.plan.pages):
            yield from self._page(root, number)

    def _page(self, root: Path, number: int) -> Iterator[str]:
        url, plan = f"/p/{number}.html", self.plan
        links = "".join(self._link(place, to) for place, to in enumerate(self._targets(number)))
        blocks = [self._block(url) for _ in range(plan.blocks)]
        text = "".join(f"<p>{self.some(30)}</p>\n" for _ in range(plan.paragraphs))
        body = f'<h1>{self.some(4)}</h1>\n<ul class="nav">{links}</ul>\n{"".join(html for html, _ in blocks)}{text}'
        yield _page(root, url, f"Page {number} {self.some(3)}", body)
        for _, item in blocks:
            yield canonical(item)

    def _targets(self, number: int) -> list[int]:
        """A page's two children in the tree of all pages, so that each is reached; else any pages."""
        pages, most = self.plan.pages, self.plan.links - 3 * self.plan.blocks
        children = [child for child in (2 * number + 1, 2 * number + 2) if child < pages]
        return children + [self.random.randrange(pages) for _ in range(most - len(children))]

    def _link(self, place: int, to: int) -> str:
        href = f"{to}.html" if place % 4 == 3 else f"/p/{to}.html"
        return f'<li><a href="{href}" title="{self.some(1)}">{self.some(2)}</a></li>\n'

    def _block(self, url: str) -> tuple[str, dict[str, Any]]:
        text, author, tags = self.some(14), self.some(2).title(), [self.some(1) for _ in range(3)]
        links = "".join(f'<a class="tag" href="/t/{self.random.randrange(_TAGS)}.html">{tag}</a>' for tag in tags)
        html = (
            f'<div class="item"><span class="text">{text}</span> <small class="author">{author}</small>'
            f'<div class="tags">{links}</div></div>\n'
        )
        return html, {"url": url, "text": text, "author": author, "tags": tags}


def _page(root: Path, url: str, title: str, body: str) -> str:
    """Write a page; returns its own item."""
    path = root / url[1:]
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="/style.css"></head>\n<body>{body}</body></html>\n',
        encoding="utf-8",
    )
    return canonical({"url": url, "title": title})


class _Reader(HTMLParser):
    """The title of a page and the targets of its links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title: str | None = None
        self.hrefs: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """The start of a title, or a link."""
        self._in_title = tag == "title" and self.title is None
        if tag == "a" and (href := dict(attrs).get("href")):
            self.hrefs.append(href)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        """The title may be over."""
        self._in_title = False

    def handle_data(self, data: str) -> None:
        """Text, which may be the title's."""
        if self._in_title:
            self.title = (self.title or "") + data


def _walk(root: Path, start: str) -> Iterator[str]:
    """The items of all HTML pages that are reached from `start` by the links of other pages."""
    known, waiting = {start}, deque([start])
    while waiting:
        url = waiting.popleft()
        reader = _Reader()
        reader.feed((root / url[1:]).read_text("utf-8"))
        yield canonical({"url": url, "title": reader.title})
        for href in reader.hrefs:
            target = _inside(url, href)
            if target and target not in known and (root / target[1:]).is_file():
                known.add(target)
                waiting.append(target)


def _inside(url: str, href: str) -> str | None:
    """The path of a page of the same site."""
    parts = urlsplit(urldefrag(urljoin(f"http://site{url}", href.strip())).url)
    is_page = parts.scheme == "http" and parts.netloc == "site" and parts.path.endswith(".html")
    return parts.path if is_page else None
