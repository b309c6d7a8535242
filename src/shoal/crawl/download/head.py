"""From the lines of a response's head to its headers, and from head and body to the response.

The one rule: only the last head counts (100 Continue, 103 Early Hints and a proxy's own answer come before it), and
what follows its empty line are trailers, which are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.headers import Headers, header_name
from shoal.crawl.response_class import response_types

if TYPE_CHECKING:
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

# Lines that come with nearly every response of a server, taken apart once; the limit keeps it small.
_KNOWN_LINES: dict[bytes, tuple[bytes, bytes]] = {}
_KNOWN_LINES_LIMIT = 2048
_KNOWN_LINE_LENGTH = 120
_OWN_TO_A_PAGE = frozenset({b"Content-Length", b"Last-Modified", b"Etag", b"Set-Cookie", b"Location"})
# Names as they are stored need not be normalised again.
_has = dict.__contains__
_KNOWN_TYPES: dict[bytes, type[Response]] = {}
_TYPES_LIMIT = 256
_ENDS = (b"\r\n", b"\n")
_FOLDED = (32, 9)
PROTOCOLS = {b"HTTP/1.0": "HTTP/1.0", b"HTTP/1.1": "HTTP/1.1", b"HTTP/2": "h2", b"HTTP/3": "h3"}


def last_head(lines: list[bytes]) -> list[bytes]:
    """The status line and header lines of the last head in `lines`, without its empty line and trailers."""
    if lines[-1] == b"\r\n" and lines.count(b"\r\n") == 1:
        return lines[:-1]
    first = 0
    for number in range(len(lines) - 1, 0, -1):
        if lines[number][:5] == b"HTTP/":
            first = number
            break
    for number in range(first + 1, len(lines)):
        if lines[number] in _ENDS:
            return lines[first:number]
    return lines[first:]


def parse_headers(lines: list[bytes]) -> Headers:
    """Header lines as headers. Lines without a colon are passed over, as browsers do; folded ones are joined."""
    headers = Headers()
    store: dict[bytes, list[bytes]] = headers
    known = _KNOWN_LINES
    values: list[bytes] = []
    for line in lines:
        pair = known.get(line)
        if pair is None:
            if line[0] in _FOLDED and values:
                values[-1] += b" " + line.strip()
                continue
            pair = _parse_line(line)
            if pair is None:
                continue
        name, value = pair
        values = dict.setdefault(store, name, [])
        values.append(value)
    return headers


def _parse_line(line: bytes) -> tuple[bytes, bytes] | None:
    name, colon, value = line.partition(b":")
    if not colon:
        return None
    pair = (header_name(name.strip()), value.strip())
    if len(line) < _KNOWN_LINE_LENGTH and pair[0] not in _OWN_TO_A_PAGE:
        if len(_KNOWN_LINES) >= _KNOWN_LINES_LIMIT:
            _KNOWN_LINES.clear()
        _KNOWN_LINES[line] = pair
    return pair


def parse_head(lines: list[bytes]) -> tuple[int, str | None, Headers]:
    """Status, protocol and headers of the last head in `lines`. Raises ValueError where there is none."""
    head = last_head(lines)
    version, _, rest = head[0].partition(b" ")
    return int(rest[:3]), PROTOCOLS.get(version), parse_headers(head[1:])


def content_length(headers: Headers) -> int:
    """The length that the server promised, -1 when it promised none."""
    value = headers.get(b"Content-Length")
    return int(value) if value is not None and value.isdigit() else -1


def _class_for(headers: Headers, url: str, body: bytes) -> type[Response]:
    types: list[bytes] | None = dict.get(headers, b"Content-Type")
    if not types or _has(headers, b"Content-Encoding") or _has(headers, b"Content-Disposition"):
        return response_types.from_args(headers=headers, url=url, body=body)
    known = _KNOWN_TYPES.get(types[-1])
    if known is None:
        known = response_types.from_content_type(types[-1])
        if known is response_types.from_mimetype(None):
            return response_types.from_args(headers=headers, url=url, body=body)
        if len(_KNOWN_TYPES) < _TYPES_LIMIT:
            _KNOWN_TYPES[types[-1]] = known
    return known


def make_response(
    request: Request,
    status: int,
    headers: Headers,
    body: bytes,
    *,
    flags: list[str] | None = None,
    certificate: Any = None,
    ip_address: Any = None,
    protocol: str | None = None,
) -> Response:
    """The response of the class that its headers, URL and body suggest; `headers` are taken, not copied."""
    url = request.url
    cls = _class_for(headers, url, body)
    response = cls(url, status, None, body, flags, None, certificate, ip_address, protocol)
    response.headers = headers
    return response
