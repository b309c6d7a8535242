"""What makes two requests the same: a SHA-1 over method, canonical URL, body and chosen headers.

The one rule: byte for byte what Scrapy computes, so that its stores stay valid: the digest of a JSON object with the
keys body, headers, method, url in that order, bytes written as hexadecimal digits.
"""

from __future__ import annotations

import json
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from shoal.crawl.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoal.crawl.request import Request

_PLAIN = (None, False, False)


def fingerprint(
    request: Request, *, include_headers: Iterable[bytes | str] | None = None, keep_fragments: bool = False
) -> bytes:
    """20 bytes that are the same for requests of the same thing; computed once per request.

    Headers count only when named in `include_headers`, the URL's fragment only with `keep_fragments`; a request with
    `meta["verbatim_url"]` counts its URL as it stands.
    """
    names = None if include_headers is None else tuple(sorted(_lowered(name) for name in include_headers))
    verbatim = bool(request._meta and request._meta.get("verbatim_url"))
    key = (names or None, keep_fragments and not verbatim, verbatim)
    known = request._fingerprints
    if known is None:
        known = request._fingerprints = {}
    elif key in known:
        return known[key]
    digest = known[key] = sha1(_identity(request, key).encode(), usedforsecurity=False).digest()
    return digest


def _lowered(name: bytes | str) -> bytes:
    return (name.encode() if isinstance(name, str) else name).lower()


def _identity(request: Request, key: tuple[tuple[bytes, ...] | None, bool, bool]) -> str:
    names, keep_fragments, verbatim = key
    url = request.url if verbatim else canonical_url(request.url, keep_fragments)
    if key == _PLAIN and request.method == "GET" and not request.body and '"' not in url and "\\" not in url:
        # json.dumps spelled out: a canonical URL is ASCII, and needs no escape.
        return f'{{"body": "", "headers": {{}}, "method": "GET", "url": "{url}"}}'
    data: dict[str, Any] = {
        "method": request.method,
        "url": url,
        "body": request.body.hex(),
        "headers": {
            name.hex(): [value.hex() for value in request.headers.getlist(name)]
            for name in names or ()
            if name in request.headers
        },
    }
    return json.dumps(data, sort_keys=True)


class RequestFingerprinter:
    """The default fingerprinter of a crawl: `fingerprint` without options."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> RequestFingerprinter:  # noqa: ARG003  the components' contract
        """A fingerprinter; it needs nothing of the crawler."""
        return cls()

    def fingerprint(self, request: Request) -> bytes:
        """20 bytes that are the same for requests of the same thing."""
        return fingerprint(request)
