"""Responses whose body is text: decoded, selected from, and followed.

The one rule: nothing is decoded or parsed before somebody asks, and nothing twice.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from w3lib.encoding import html_body_declared_encoding as declared_in_body
from w3lib.encoding import http_content_type_encoding, resolve_encoding
from w3lib.html import get_base_url

from shoal.crawl.charset import ASCII_IS_ASCII, decode, infer_encoding, marked_encoding
from shoal.crawl.follow import FollowAll, url_of, urls_of_nodes
from shoal.crawl.response_base import Response
from shoal.crawl.urls import Joiner, is_clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import parsel

    from shoal.crawl.headers import HeaderSource
    from shoal.crawl.link import Link
    from shoal.crawl.request import Request
    from shoal.crawl.selector import Selector, SelectorList

__all__ = ["HtmlResponse", "JsonResponse", "Response", "TextResponse", "XmlResponse"]

_UNREAD: Any = object()
# What the byte order marks of UTF-8 and UTF-16 begin with.
_BOM_STARTS = frozenset({b"\xef", b"\xff", b"\xfe"})
# A page that begins as most do, and names its encoding before anything else.
_usual_head = re.compile(
    rb"<!doctype html>\s*<html[a-z \"=-]*>\s*<head>\s*<meta charset=\"([a-z0-9-]+)\"\s*/?>", re.IGNORECASE
).match
# A <base> that counts stands in the head: 4,096 characters are looked at, which are at most 16,384 bytes.
_BASE_SEARCH = 4096


@lru_cache(maxsize=256)
def _encoding_in(content_type: bytes) -> str | None:
    """The encoding that a Content-Type names; a site has few of them."""
    return http_content_type_encoding(content_type.decode("latin-1"))


class TextResponse(Response):
    """A response whose body is text. `encoding` says in which encoding; without it, it is found out.

    Raises TypeError when `body` is a str and `encoding` is not given.
    """

    __slots__ = ("_declared", "_encoding", "_head", "_inferred", "_joiner", "_json", "_selector", "_text")

    _DEFAULT_ENCODING = "ascii"

    attributes: tuple[str, ...] = (*Response.attributes, "encoding")

    def __init__(self, *args: Any, encoding: str | None = None, **kwargs: Any) -> None:
        self._encoding = encoding
        self._declared: str | None = None
        self._inferred: str | None = None
        self._text: str | None = None
        self._head: bytes | None = None
        self._json: Any = _UNREAD
        self._selector: Selector | None = None
        self._joiner: Joiner | None = None
        super().__init__(*args, **kwargs)

    def _set_body(self, body: bytes | str | None) -> None:
        if not isinstance(body, str):
            super()._set_body(body)
            return
        if self._encoding is None:
            raise TypeError(f"{type(self).__name__} needs an encoding to take a str as its body")
        self._body = body.encode(self._encoding)

    @property
    def encoding(self) -> str:
        """The encoding of the body: given, by byte order mark, by header, by the body's own word, or inferred."""
        return self._declared or self._declared_encoding() or self._body_inferred_encoding()

    def _declared_encoding(self) -> str | None:
        if self._declared is None:
            found = self._encoding or self._bom_encoding() or self._headers_encoding() or self._body_declared_encoding()
            self._declared = found or ""
        return self._declared or None

    def _bom_encoding(self) -> str | None:
        return marked_encoding(self._body) if self._body[:1] in _BOM_STARTS else None

    def _headers_encoding(self) -> str | None:
        if self._headers is None:
            return None
        return _encoding_in(self._headers.get(b"Content-Type") or b"")

    def _body_declared_encoding(self) -> str | None:
        return None

    def _body_inferred_encoding(self) -> str:
        if self._inferred is None:
            self._inferred = infer_encoding(self._body, self._DEFAULT_ENCODING)
        return self._inferred

    @property
    def text(self) -> str:
        """The body, decoded; what cannot be decoded becomes U+FFFD."""
        if self._text is None:
            self._text = decode(self._body, self.encoding)
        return self._text

    def json(self) -> Any:
        """The body, read as JSON (RFC 8259: UTF-8 whatever the header says; else as text). Raises ValueError."""
        if self._json is _UNREAD:
            try:
                self._json = json.loads(self._body)
            except UnicodeDecodeError:
                self._json = json.loads(self.text)
        return self._json

    @property
    def selector(self) -> Selector:
        """The body, parsed."""
        if self._selector is None:
            from shoal.crawl.selector import Selector

            self._selector = Selector.of(self)
        return self._selector

    def jmespath(self, query: str, **kwargs: Any) -> SelectorList:
        """What the JMESPath `query` selects."""
        return self.selector.jmespath(query, **kwargs)  # type: ignore[return-value]

    def xpath(self, query: str, **kwargs: Any) -> SelectorList:
        """What the XPath `query` selects."""
        return self.selector.xpath(query, **kwargs)  # type: ignore[return-value]

    def css(self, query: str) -> SelectorList:
        """What the CSS `query` selects, with `::text` and `::attr(name)`."""
        return self.selector.css(query)  # type: ignore[return-value]

    def _join(self) -> Joiner:
        """Joins to the page's base URL: its `<base>`, or where it came from."""
        if self._joiner is None:
            self._joiner = Joiner(self._base_url())
        return self._joiner

    def _base_url(self) -> str:
        head = self._small_head()
        # Most pages have no <base>; to see that in the bytes saves decoding. Zeros may be UTF-16, which hides it.
        if b"\0" not in head and b"<base" not in head:
            if is_clean(self.url):
                return self.url
            return get_base_url("", self.url, self._encoding or "utf-8")
        return get_base_url(self.text[:_BASE_SEARCH], self.url, self.encoding)

    def _small_head(self) -> bytes:
        """The bytes of the body in which `<base>` and a refresh are looked for, in small letters."""
        if self._head is None:
            head = self._body[:_BASE_SEARCH]
            # Where each byte is a character, these are all the characters that are looked at.
            if len(head) == _BASE_SEARCH and not (head.isascii() and self.encoding in ASCII_IS_ASCII):
                head = self._body[: 4 * _BASE_SEARCH]
            self._head = head.lower()
        return self._head

    def urljoin(self, url: str) -> str:
        """The absolute URL of `url`, relative to the page's `<base>`, or to where the page came from."""
        return (self._joiner or self._join())(url)

    def follow(
        self,
        url: str | Link | parsel.Selector,
        callback: Callable[..., Any] | None = None,
        method: str = "GET",
        headers: HeaderSource | None = None,
        body: bytes | str | None = None,
        cookies: Any = None,
        meta: dict[str, Any] | None = None,
        encoding: str | None = None,
        priority: int = 0,
        dont_filter: bool = False,
        errback: Callable[..., Any] | None = None,
        cb_kwargs: dict[str, Any] | None = None,
        flags: list[str] | None = None,
    ) -> Request:
        """The request for `url`: relative or absolute, a Link, a selector of `<a>` or `<link>` or of an attribute.

        `encoding` is the page's own unless given. Raises ValueError when there is no URL in `url`.
        """
        return super().follow(
            url_of(url),
            callback,
            method,
            headers,
            body,
            cookies,
            meta,
            encoding or self.encoding,
            priority,
            dont_filter,
            errback,
            cb_kwargs,
            flags,
        )

    def follow_all(
        self,
        urls: Iterable[str | Link] | parsel.SelectorList[Any] | None = None,
        callback: Callable[..., Any] | None = None,
        *args: Any,
        css: str | None = None,
        xpath: str | None = None,
        **kwargs: Any,
    ) -> FollowAll:
        """The requests for all of `urls`, or for all that the query `css` or `xpath` selects.

        Selected elements without href are left out. Raises ValueError unless exactly one of the three is given.
        """
        given = [value for value in (urls, css, xpath) if value is not None]
        if len(given) != 1:
            raise ValueError("Please supply exactly one of the following arguments: urls, css, xpath")
        # Selectors would be made of what is found only to be asked for it again.
        if css is not None:
            urls = self.selector.hrefs(css)
            xpath = None if urls is not None else self.selector._css2xpath(css)
        if xpath is not None:
            nodes = self.selector.nodes(xpath)
            urls = self.xpath(xpath) if nodes is None else urls_of_nodes(nodes)
        return FollowAll(self, urls, callback, *args, **kwargs)


class HtmlResponse(TextResponse):
    """An HTML page; it may name its encoding in a `<meta>` or an XML declaration."""

    __slots__ = ()

    def _body_declared_encoding(self) -> str | None:
        usual = _usual_head(self._body)
        return declared_in_body(self._body) if usual is None else resolve_encoding(usual[1].decode())


class XmlResponse(TextResponse):
    """An XML document; it may name its encoding in its declaration."""

    __slots__ = ()

    def _body_declared_encoding(self) -> str | None:
        return declared_in_body(self._body)


class JsonResponse(TextResponse):
    """A JSON document."""

    __slots__ = ()
