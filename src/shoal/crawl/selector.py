"""Selectors: parsel's, told by the class of a response how its body is to be read.

The one rule: XML, JSON and HTML responses are parsed as what they are; for any other text parsel looks at the body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Self
from weakref import ref

import parsel
from lxml import etree
from parsel.selector import _NOT_SET, _ctgroup

from shoal.crawl.charset import ASCII_IS_ASCII
from shoal.crawl.found import SelectorList, unopened
from shoal.crawl.html_tree import html_root
from shoal.crawl.response import HtmlResponse, JsonResponse, TextResponse, XmlResponse

__all__ = ["Selector", "SelectorList"]


def kind_of(response: TextResponse) -> str | None:
    """How the body of this response is to be parsed: xml, json, html, or None when only the body can tell."""
    if isinstance(response, XmlResponse):
        return "xml"
    if isinstance(response, JsonResponse):
        return "json"
    return "html" if isinstance(response, HtmlResponse) else None


def _content_of(response: TextResponse) -> dict[str, Any]:
    """The body as parsel's arguments. ASCII needs no decoding only to be encoded again, and most pages are ASCII."""
    body = response.body
    if body and body.isascii() and getattr(response, "encoding", None) in ASCII_IS_ASCII:
        return {"body": body}
    return {"text": response.text}


def _html_root(arguments: dict[str, Any]) -> Any:
    """The root that parsel would make of its arguments; _NOT_SET where it has to make it itself."""
    if not arguments.keys() <= {"text", "body", "base_url"}:
        return _NOT_SET
    page = arguments["text"] if "text" in arguments else arguments.get("body")
    if type(page) is str:
        page = page.strip().replace("\0", "").encode()
    elif type(page) is bytes and page.isascii():
        page = page.replace(b"\0", b"").strip()
    else:
        return _NOT_SET
    return html_root(page, arguments.get("base_url"))


class Selector(parsel.Selector):
    """A wrapper over a response, a text or an lxml element, from which parts are selected.

    `response` and `text` (str, or bytes in UTF-8) exclude each other: ValueError. `type` is html, xml, json, text or
    None, which means: by the class of the response, and html for a text. Further arguments go to parsel.Selector.
    """

    __slots__ = ("_prefixes", "_response")
    # Prefixes by their URIs. None stands for the default ones, of which a selector has its own copy once it is asked.
    _prefixes: dict[str, str] | None
    selectorlist_cls = SelectorList  # type: ignore[assignment]  # of our selectors, not of parsel's

    def __init__(
        self,
        response: TextResponse | None = None,
        text: str | bytes | None = None,
        type: str | None = None,
        root: Any = _NOT_SET,
        **kwargs: Any,
    ) -> None:
        if response is not None:
            if text is not None:
                raise ValueError(f"{self.__class__.__name__}.__init__() received both response and text")
            type = type or kind_of(response)
            kwargs.setdefault("base_url", response.url)
            kwargs.update(_content_of(response))
        elif text is not None:
            type = type or "html"
            kwargs["text"] = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        self._response: Any = response
        if type == "html" and root is _NOT_SET:
            root = _html_root(kwargs)
            kwargs = kwargs if root is _NOT_SET else {}
        super().__init__(type=type, root=root, **kwargs)

    @property
    def response(self) -> TextResponse | None:
        """The response that the selector was made of."""
        response: TextResponse | None = self._response() if isinstance(self._response, ref) else self._response
        return response

    @property
    def namespaces(self) -> dict[str, str]:
        """URIs by the prefixes that queries may use."""
        if self._prefixes is None:
            self._prefixes = self._default_namespaces.copy()
        return self._prefixes

    @namespaces.setter
    def namespaces(self, value: dict[str, str]) -> None:
        self._prefixes = value

    @classmethod
    def of(cls, response: TextResponse) -> Self:
        """The selector that a response keeps of itself: it does not keep the response.

        A ring of both, with the page's tree in it, would wait for the garbage collector: 200 KB a page of 25 KB.
        """
        kind = kind_of(response)
        root = _html_root({"base_url": response.url, **_content_of(response)}) if kind == "html" else _NOT_SET
        selector = cls(response) if root is _NOT_SET else cls._of_root(root, "html", None)
        selector._response = ref(response)
        return selector

    @classmethod
    def _of_root(cls, root: Any, kind: str, query: str | None) -> Self:
        """A selector made without the questions that `__init__` asks: they are answered."""
        made = cls.__new__(cls)
        made._response = None
        made.root = root
        made.type = kind
        made._prefixes = None
        made._expr = query
        made._huge_tree = True
        made._text = None
        return made

    def xpath(
        self, query: str, namespaces: Mapping[str, str] | None = None, **kwargs: Any
    ) -> parsel.SelectorList[Self]:
        """What the XPath `query` selects; keywords are its variables. Raises ValueError for what is no XPath."""
        if namespaces is None and not kwargs and self._is_usual() and (compiled := compiled_xpath(query)) is not None:
            return self._select(query, compiled)  # type: ignore[return-value]
        return super().xpath(query, namespaces, **kwargs)

    def css(self, query: str) -> parsel.SelectorList[Self]:
        """What the CSS `query` selects, with `::text` and `::attr(name)`. Raises what cssselect does for no CSS."""
        # The usual case of `_is_usual` without its call: pages are asked dozens of queries.
        if (self._prefixes is None and type(self) is Selector and isinstance(self.root, etree._Element)) or (
            self._is_usual()
        ):
            expression, compiled = _compiled_css(query, self.type)
            if compiled is not None:
                return self._select(expression, compiled)  # type: ignore[return-value]
        return super().css(query)

    def hrefs(self, query: str) -> list[str] | None:
        """The `href` of each `<a>` and `<link>` that the CSS `query` selects; None where only selectors can tell."""
        links = _compiled_links(query, self.type) if self._is_usual() else None
        return None if links is None else _asked(links, self.root, query)

    def nodes(self, query: str) -> list[Any] | None:
        """What `xpath` would wrap, as lxml gives it: elements and strings. None where only parsel can tell."""
        compiled = compiled_xpath(query) if self._is_usual() else None
        found = None if compiled is None else _asked(compiled, self.root, query)
        return found if isinstance(found, list) else None

    def _is_usual(self) -> bool:
        """Whether this is an element without prefixes of its own: what is asked for then depends on the query only."""
        if type(self) is not Selector or not isinstance(self.root, etree._Element):
            return False
        return self._prefixes is None or self._prefixes == self._default_namespaces

    def _select(self, query: str, compiled: etree.XPath) -> SelectorList:
        try:
            found = compiled(self.root)
        except etree.XPathError as problem:
            raise ValueError(f"XPath error: {problem} in {query}") from problem
        kind = self.type

        def part(root: Any) -> Selector:
            return Selector._of_root(root, kind, query)

        return unopened(found if isinstance(found, list) else [found], part)


def _asked(compiled: etree.XPath, root: Any, query: str) -> Any:
    try:
        return compiled(root)
    except etree.XPathError as problem:
        raise ValueError(f"XPath error: {problem} in {query}") from problem


@lru_cache(maxsize=2048)
def compiled_xpath(query: str) -> etree.XPath | None:
    """The query, ready to run. None for one with functions of `set:`, which must not be kept: libxml2 would leak.

    To offer the functions of `re:` takes a third of the time of a small query, so only who names them gets them.
    """
    if "set:" in query:
        return None
    wants_re = "re:" in query
    prefixes = {"re": Selector._default_namespaces["re"]} if wants_re else None
    try:
        return etree.XPath(query, namespaces=prefixes, regexp=wants_re, smart_strings=False)
    except etree.XPathError as problem:
        raise ValueError(f"XPath error: {problem} in {query}") from problem


@lru_cache(maxsize=2048)
def _compiled_css(query: str, kind: str) -> tuple[str, etree.XPath | None]:
    """The XPath that the CSS query stands for, and the same ready to run."""
    expression = _ctgroup[kind]["_csstranslator"].css_to_xpath(query)
    return expression, compiled_xpath(_whole_class_first(expression))


# How the translator asks for a class, as in `div.item`.
_class_test = re.compile(
    r"@class(?: and contains\(@class, '([A-Za-z0-9_-]+)'\))? and "
    r"contains\(concat\(' ', normalize-space\(@class\), ' '\), ' ([A-Za-z0-9_-]+) '\)"
)
# Most elements have one class, and then this is half the time of a small query.
_whole_class_first = partial(_class_test.sub, r"(@class = '\2' or \g<0>)")


# Its last step selects by name alone: `descendant-or-self::a`, `…/link`.
_ends_in_links = re.compile(r"[^|]*(?:::|/)(?:a|link)").fullmatch


@lru_cache(maxsize=512)
def _compiled_links(query: str, kind: str) -> etree.XPath | None:
    """What selects the hrefs of the links that the CSS query selects; None where it may select texts or attributes."""
    if "::" in query:
        return None
    expression = _compiled_css(query, kind)[0]
    if not _ends_in_links(expression):
        expression = f"({expression})/self::*[self::a or self::link]"
    return compiled_xpath(f"{expression}/@href")
