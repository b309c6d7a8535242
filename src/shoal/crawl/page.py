"""What an HTML page says about itself: its base URL, where it sends the browser; and a look at it.

The one rule: read from the first 4,096 characters, and once per response.
"""

from __future__ import annotations

import os
import re
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from shoal.crawl.response import HtmlResponse, Response, TextResponse, XmlResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HEAD = 4096
_SPACE = re.compile(rb"\s*")
_DOCTYPE = re.compile(rb"<!doctype[^>]*>", re.IGNORECASE)


def base_url(response: TextResponse) -> str:
    """What relative links of the page are relative to."""
    return response._join().base


def meta_refresh(
    response: TextResponse, ignore_tags: Iterable[str] = ("script", "noscript")
) -> tuple[float, str] | tuple[None, None]:
    """Seconds and URL of the page's `<meta http-equiv="refresh">`, unless it stands in one of `ignore_tags`."""
    from w3lib.html import get_meta_refresh as meta_refresh_of

    found: Any = meta_refresh_of(response.text[:_HEAD], base_url(response), response.encoding, ignore_tags=ignore_tags)
    return (found[0], found[1]) if found and found[1] is not None else (None, None)


def status_message(status: int | str) -> str:
    """`404` becomes `404 Not Found` (IANA registry); a number that nobody knows is an Unknown Status."""
    try:
        return f"{int(status)} {HTTPStatus(int(status)).phrase}"
    except ValueError:
        return f"{int(status)} Unknown Status"


def open_in_browser(response: Response, _openfunc: Callable[[str], Any] | None = None) -> Any:
    """Show the response in a browser, from a temporary file; an HTML page keeps its base URL.

    Raises TypeError when nothing tells which program could show it.
    """
    import tempfile
    import webbrowser

    suffix = _suffix(response)
    body = response.body
    if isinstance(response, HtmlResponse):
        at = _after_doctype(body)
        base = f'<base href="{escape(base_url(response))}">'.encode()
        body = body[:at] + base + body[at:]
    handle, path = tempfile.mkstemp(suffix)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    return (_openfunc or webbrowser.open)(f"file://{path}")


def _suffix(response: Response) -> str:
    if isinstance(response, HtmlResponse):
        return ".html"
    if isinstance(response, TextResponse):
        return ".xml" if isinstance(response, XmlResponse) else ".txt"
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip()
    import mimetypes

    suffix = mimetypes.guess_extension(content_type)
    if suffix is None:
        raise TypeError(f"Unsupported response type: {type(response).__name__} with Content-Type {content_type!r}")
    return suffix


def _after_doctype(body: bytes) -> int:
    """Where a `<base>` may stand: before everything, but after a doctype, which comments may precede."""
    at = _space_end(body, 0)
    while body.startswith(b"<!--", at):
        end = body.find(b"-->", at)
        if end < 0:
            return 0
        at = _space_end(body, end + 3)
    doctype = _DOCTYPE.match(body, at)
    return doctype.end() if doctype else 0


def _space_end(body: bytes, at: int) -> int:
    space = _SPACE.match(body, at)
    return space.end() if space else at
