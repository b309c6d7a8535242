"""Which class of response fits: by headers, by the URL's end, by the first bytes.

The one rule: what the server says is believed before what the bytes look like; when nothing is known, it is bytes.
"""

from __future__ import annotations

from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, Any

from shoal.crawl.response import HtmlResponse, JsonResponse, Response, TextResponse, XmlResponse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from mimetypes import MimeTypes

    from shoal.crawl.headers import Headers

_BY_TYPE: dict[str, type[Response]] = {
    "text/html": HtmlResponse,
    "application/xhtml+xml": HtmlResponse,
    "application/vnd.wap.xhtml+xml": HtmlResponse,
    "text/xml": XmlResponse,
    "application/xml": XmlResponse,
    "application/atom+xml": XmlResponse,
    "application/rdf+xml": XmlResponse,
    "application/rss+xml": XmlResponse,
    "application/json": JsonResponse,
    "application/x-json": JsonResponse,
    "application/json-amazonui-streaming": JsonResponse,
    "application/javascript": TextResponse,
    "application/x-javascript": TextResponse,
    "text/*": TextResponse,
}
# Types that the machine's own table may lack; the last one is only there to be asked for by tests.
_OWN_TYPES = """
text/html html htm
text/xml xml
text/plain txt
text/csv csv
application/json json
application/atom+xml atom
application/rss+xml rss
x-scrapy/test scrapytest
"""
_SNIFFED = 5000
# What stands in no text (WHATWG MIME Sniffing, binary data byte), but for the zero, which UTF-16 has.
_BINARY = bytes(set(range(1, 32)) - {9, 10, 12, 13, 27})


class ResponseTypes:
    """Tells the class of a response; `classes` maps MIME types to classes and may be added to."""

    def __init__(self) -> None:
        self.classes: dict[str, type[Response]] = dict(_BY_TYPE)

    @cached_property
    def mimetypes(self) -> MimeTypes:
        """Types by the ends of names: read when a response says too little of itself."""
        from mimetypes import MimeTypes

        types = MimeTypes()
        types.readfp(StringIO(_OWN_TYPES))
        return types

    def from_mimetype(self, mimetype: str | None) -> type[Response]:
        """By a type such as `text/html`."""
        if mimetype is None:
            return Response
        return self.classes.get(mimetype) or self.classes.get(f"{mimetype.partition('/')[0]}/*", Response)

    def from_content_type(self, content_type: str | bytes, content_encoding: bytes | None = None) -> type[Response]:
        """By a Content-Type header; a body that is still compressed is bytes."""
        if content_encoding:
            return Response
        return self.from_mimetype(_latin(content_type).partition(";")[0].strip().lower())

    def from_content_disposition(self, content_disposition: str | bytes) -> type[Response]:
        """By the file name in a Content-Disposition header."""
        _, named, rest = _latin(content_disposition).partition("filename=")
        if not named:
            return Response
        return self.from_filename(rest.partition(";")[0].strip("\"' ").encode("latin-1").decode("utf-8", "replace"))

    def from_headers(self, headers: Mapping[bytes, Any]) -> type[Response]:
        """By Content-Type, and by Content-Disposition when that says nothing."""
        cls: type[Response] = Response
        if b"Content-Type" in headers:
            encoding = headers.get(b"Content-Encoding")
            cls = self.from_content_type(headers[b"Content-Type"], encoding)
        if cls is Response and b"Content-Disposition" in headers:
            cls = self.from_content_disposition(headers[b"Content-Disposition"])
        return cls

    def from_filename(self, filename: str) -> type[Response]:
        """By the end of a file's name or a URL; compressed files are bytes."""
        mimetype, encoding = self.mimetypes.guess_type(filename)
        return Response if encoding else self.from_mimetype(mimetype)

    def from_body(self, body: bytes) -> type[Response]:
        """By the first bytes: HTML, XML, other text, or bytes."""
        start = body[:_SNIFFED]
        if not looks_like_text(start):
            return Response
        lowered = start.lower()
        if b"<html>" in lowered or b"<!doctype html>" in lowered:
            return HtmlResponse
        return XmlResponse if b"<?xml" in lowered else TextResponse

    def from_args(
        self,
        headers: Mapping[bytes, Any] | None = None,
        url: str | None = None,
        filename: str | None = None,
        body: bytes | None = None,
    ) -> type[Response]:
        """By whatever is given, in this order, until one of them says something."""
        cls: type[Response] = Response
        if headers is not None:
            cls = self.from_headers(headers)
        if cls is Response and url is not None:
            cls = self.from_filename(url)
        if cls is Response and filename is not None:
            cls = self.from_filename(filename)
        if cls is Response and body is not None:
            cls = self.from_body(body)
        return cls


def looks_like_text(data: bytes) -> bool:
    """Whether `data` has none of the bytes that stand in no text."""
    return len(data.translate(None, _BINARY)) == len(data)


def _latin(text: str | bytes) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else text


response_types = ResponseTypes()


def response_class(headers: Headers, url: str, body: bytes) -> type[Response]:
    """The class for a response that came from `url`."""
    return response_types.from_args(headers=headers, url=url, body=body)


def response_from_dict(d: dict[str, Any]) -> Response:
    """The response that `Response.to_dict` took apart; without `_class`, of the class that fits."""
    from shoal.crawl.headers import Headers

    if "_class" in d:
        from shoal.crawl.components import load_object

        cls: type[Response] = load_object(d["_class"])
    else:
        cls = response_class(Headers(d.get("headers") or {}), d["url"], d.get("body") or b"")
    return cls(**{name: value for name, value in d.items() if name != "_class"})
