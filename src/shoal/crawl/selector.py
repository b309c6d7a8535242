"""Selectors: parsel's, told by the class of a response how its body is to be read.

The one rule: XML, JSON and HTML responses are parsed as what they are; for any other text parsel looks at the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Self
from weakref import ref

import parsel
from lxml import etree
from parsel.selector import _NOT_SET

from shoal.crawl.html_tree import html_root
from shoal.crawl.response import HtmlResponse, JsonResponse, TextResponse, XmlResponse

__all__ = ["Selector", "SelectorList"]


class SelectorList(parsel.SelectorList["Selector"]):
    """A list of selectors that can be asked as one: `css`, `xpath`, `jmespath`, `re`, `get`, `getall`, `attrib`."""

    __slots__ = ()


def kind_of(response: TextResponse) -> str | None:
    """How the body of this response is to be parsed: xml, json, html, or None when only the body can tell."""
    if isinstance(response, XmlResponse):
        return "xml"
    if isinstance(response, JsonResponse):
        return "json"
    return "html" if isinstance(response, HtmlResponse) else None


# In these, a body of ASCII bytes says what the text it decodes to says; in ISO-2022-JP or UTF-16 it does not.
_ASCII_IS_ASCII = frozenset({"utf-8", "ascii", "cp1252", "iso8859-1", "latin-1", "gb18030", "cp1251", "iso8859-15"})


def _content_of(response: TextResponse) -> dict[str, Any]:
    """The body as parsel's arguments. ASCII needs no decoding only to be encoded again, and most pages are ASCII."""
    body = response.body
    if body and body.isascii() and getattr(response, "encoding", None) in _ASCII_IS_ASCII:
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

    __slots__ = ("_response",)
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

    @classmethod
    def of(cls, response: TextResponse) -> Self:
        """The selector that a response keeps of itself: it does not keep the response.

        A ring of both, with the page's tree in it, would wait for the garbage collector: 200 KB a page of 25 KB.
        """
        selector = cls(response)
        selector._response = ref(response)
        return selector

    def xpath(
        self, query: str, namespaces: Mapping[str, str] | None = None, **kwargs: Any
    ) -> parsel.SelectorList[Self]:
        """What the XPath `query` selects; keywords are its variables. Raises ValueError for what is no XPath.

        The usual case (an element, no prefixes of one's own, no variables) takes half of parsel's time.
        """
        if namespaces is not None or kwargs or not self._is_usual(query):
            return super().xpath(query, namespaces, **kwargs)
        found = self._found(query)
        parts = found if isinstance(found, list) else [found]
        return SelectorList([self._part(root, query) for root in parts])  # type: ignore[return-value]

    def nodes(self, query: str) -> list[Any] | None:
        """What `xpath` would wrap, as lxml gives it: elements and strings. None where only parsel can tell."""
        found = self._found(query) if self._is_usual(query) else None
        return found if isinstance(found, list) else None

    def _is_usual(self, query: str) -> bool:
        usual = type(self) is Selector and isinstance(self.root, etree._Element) and "set:" not in query
        return usual and self.namespaces == self._default_namespaces

    def _found(self, query: str) -> Any:
        try:
            return _compiled(query)(self.root)
        except etree.XPathError as problem:
            raise ValueError(f"XPath error: {problem} in {query}") from problem

    def _part(self, root: Any, query: str) -> Selector:
        """A selector of something found in this one, made without the questions that only documents need."""
        part = Selector.__new__(Selector)
        part._response = None
        part.root = root
        part.type = self.type
        part.namespaces = self.namespaces.copy()
        part._expr = query
        part._huge_tree = True
        part._text = None
        return part


@lru_cache(maxsize=2048)
def _compiled(query: str) -> etree.XPath:
    """The query, ready to run. The functions of `set:` must not be in a query that is kept: libxml2 would leak."""
    prefixes = {"re": Selector._default_namespaces["re"]}
    return etree.XPath(query, namespaces=prefixes, smart_strings=False)
