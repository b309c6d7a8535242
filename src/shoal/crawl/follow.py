"""Links of a page that become requests.

The one rule: what is the same for all links of a page (its base URL, its encoding) is found out once.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import parsel

from shoal.crawl.link import Link
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoal.crawl.response import TextResponse


class NoUrlError(ValueError):
    """A selector in which there is no URL."""


def url_of(source: Any) -> Any:
    """The URL in `source`: itself, of a Link, of a selector. Raises ValueError when a selector has none."""
    if isinstance(source, parsel.Selector):
        return url_of_selector(source)
    if isinstance(source, parsel.SelectorList):
        raise ValueError("SelectorList is not supported: follow one of its selectors, or use follow_all")
    return source


def url_of_selector(selector: parsel.Selector) -> str:
    """The URL in a selector of an attribute, or in the href of an `<a>` or `<link>`. Raises NoUrlError."""
    root = selector.root
    if isinstance(root, str):
        return root
    if not hasattr(root, "tag"):
        raise NoUrlError(f"Unsupported selector: {selector}")
    if root.tag not in ("a", "link"):
        raise NoUrlError(f"Only <a> and <link> elements are supported; got <{root.tag}>")
    href = root.get("href")
    if href is None:
        raise NoUrlError(f"<{root.tag}> element has no href attribute: {selector}")
    return str(href)


def _urls_of(sources: Iterable[Any]) -> Iterator[Any]:
    """The URLs of selectors that have one; other sources as they are."""
    if not isinstance(sources, parsel.SelectorList):
        yield from sources
        return
    for selector in sources:
        try:
            yield url_of_selector(selector)
        except NoUrlError:
            continue


def urls_of_nodes(nodes: Iterable[Any]) -> list[str]:
    """The URLs in what a query has found: strings, and the href of `<a>` and `<link>` elements that have one."""
    urls = [
        node if isinstance(node, str) else node.get("href") if node.tag in ("a", "link") else None for node in nodes
    ]
    return [url for url in urls if url is not None]


class FollowAll:
    """The requests that `response.follow_all()` promises: an iterator over them.

    Raises TypeError when `urls` is no iterable; ValueError, when it comes to it, for a URL that is None.
    """

    __slots__ = ("_given", "_options", "_sources", "_taken", "arguments", "keywords", "response", "urls")

    def __init__(self, response: TextResponse, urls: Any, *arguments: Any, **keywords: Any) -> None:
        if not hasattr(urls, "__iter__"):
            raise TypeError("'urls' argument must be an iterable")
        self.response = response
        self.urls = urls
        self.arguments = arguments
        self.keywords = keywords
        self._sources: Iterator[Any] | None = None
        self._taken = 0
        self._options: dict[str, Any] | None = None
        # The request given last, and its URL as the page has it.
        self._given: tuple[Any, Any] = (None, None)

    def __iter__(self) -> FollowAll:
        return self

    def __next__(self) -> Request:
        url = next(self._left())
        request = self.request_for(url)
        self._given = (request, url)
        self._taken += 1
        return request

    def take_back(self, request: Any) -> bool:
        """Take back the request that was given last, which nobody has seen yet: it is among the rest again."""
        given, url = self._given
        if given is None or given is not request:
            return False
        self._given = (None, None)
        self._sources = chain((url,), self._left())
        self._taken -= 1
        return True

    def rest(self) -> list[str]:
        """The URLs as the page gives them, stripped, not joined: for whoever drops known ones before they are requests.

        Those that have been iterated over are not among them; afterwards there is nothing left to iterate over.
        """
        if type(self.urls) is list and {*map(type, self.urls)} == {str}:
            self._sources = iter(())
            return [*map(str.strip, self.urls[self._taken :])]
        return [url.url if isinstance(url, Link) else url.strip() for url in self._left()]

    def request_to(self, url: str) -> Request:
        """What `request_for` makes of a link to that absolute URL, when the arguments are a callback at most."""
        if self._options is None:
            self._options = {**self.keywords}
            if self._options.get("encoding") is None:
                self._options["encoding"] = self.response.encoding
        return Request(url, *self.arguments, **self._options)

    def request_for(self, url: Any) -> Request:
        """The request for one of the URLs."""
        keywords = self.keywords
        if len(self.arguments) < 7 and keywords.get("encoding") is None:
            keywords = {**keywords, "encoding": self.response.encoding}
        return self.response.follow(url, *self.arguments, **keywords)

    def _left(self) -> Iterator[Any]:
        if self._sources is None:
            self._sources = _urls_of(self.urls)
        return self._sources
