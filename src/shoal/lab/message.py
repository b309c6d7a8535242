"""What a practice site is asked and what it answers.

The one rule: nothing here knows of sockets or looks at a clock; the moment of a request comes with the request, so
that a site with a memory can be tried at any hour.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Asked:
    """One request: `path` is decoded, `query` and `form` hold the last value of each name, header names are lower.

    `client` is the address it came from, `at` the moment it was read (seconds since 1970).
    """

    __slots__ = ("method", "target", "path", "query", "headers", "body", "client", "at")

    def __init__(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes = b"",
        *,
        client: str = "127.0.0.1",
        at: float = 0.0,
    ) -> None:
        parts = urlsplit(target)
        self.method = method
        self.target = target
        self.path = unquote(parts.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True)) if parts.query else {}
        self.headers = headers
        self.body = body
        self.client = client
        self.at = at

    @property
    def form(self) -> dict[str, str]:
        """What a form sent in the body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


class Answer:
    """One response; `headers` beside the length, which is added.

    body     text, bytes, or pieces of bytes that are sent as they come (chunked, unless `headers` has Content-Length)
    cookies  the values of its Set-Cookie lines
    delay    seconds until its first byte
    pace     bytes of the body per second; 0 means as fast as they go
    cut      the connection ends after that many bytes of the body, whatever the head has promised
    """

    __slots__ = ("status", "headers", "body", "pieces", "cookies", "delay", "pace", "cut")

    def __init__(
        self,
        body: str | bytes | Iterable[bytes] = b"",
        status: int = 200,
        headers: dict[str, str] | None = None,
        *,
        cookies: Sequence[str] = (),
        delay: float = 0.0,
        pace: float = 0.0,
        cut: int | None = None,
    ) -> None:
        self.status = status
        self.pieces: Iterable[bytes] | None = None
        self.body = b""
        if isinstance(body, str):
            self.body = body.encode("utf-8")
        elif isinstance(body, bytes):
            self.body = body
        else:
            self.pieces = body
        self.headers = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
        self.cookies = tuple(cookies)
        self.delay = delay
        self.pace = pace
        self.cut = cut

    @property
    def chunked(self) -> bool:
        """Whether the length is not known beforehand."""
        return self.pieces is not None and "Content-Length" not in self.headers

    def head(self) -> bytes:
        """The bytes before the body."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        if self.pieces is None and "Content-Length" not in self.headers:
            lines.append(f"Content-Length: {len(self.body)}")
        elif self.chunked:
            lines.append("Transfer-Encoding: chunked")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Set-Cookie: {line}" for line in self.cookies]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")
