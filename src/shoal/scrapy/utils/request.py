"""Scrapy's `scrapy.utils.request`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from w3lib.http import headers_dict_to_raw

from shoal.crawl.curl import request_to_curl
from shoal.crawl.fingerprint import RequestFingerprinter, fingerprint
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.request import cookie_list as _to_verbose_cookies
from shoal.crawl.request_dict import method_name as _find_method
from shoal.crawl.request_dict import request_from_dict

if TYPE_CHECKING:
    from typing import Protocol

    from shoal.crawl.request import Request

    class RequestFingerprinterProtocol(Protocol):
        """What tells requests apart."""

        def fingerprint(self, request: Request) -> bytes:
            """The same bytes for requests of the same thing."""


__all__ = [
    "RequestFingerprinter",
    "_find_method",
    "_fingerprint_cache",
    "_to_verbose_cookies",
    "fingerprint",
    "referer_str",
    "request_from_dict",
    "request_httprepr",
    "request_to_curl",
]


class _FingerprintCache:
    """Fingerprints by request, where Scrapy has a WeakKeyDictionary: here each request keeps its own."""

    def __getitem__(self, request: Request) -> dict[Any, bytes]:
        if request._fingerprints is None:
            raise KeyError(request)
        return request._fingerprints

    def __contains__(self, request: Request) -> bool:
        return request._fingerprints is not None


_fingerprint_cache = _FingerprintCache()


def request_httprepr(request: Request) -> bytes:
    """The request as HTTP/1.1 would send it, for logs and tests only."""
    parts = parsed_url(request)
    target = (
        (parts.path or "/") + (f";{parts.params}" if parts.params else "") + (f"?{parts.query}" if parts.query else "")
    )
    head = f"{request.method} {target} HTTP/1.1\r\nHost: {parts.hostname or ''}\r\n".encode()
    headers = headers_dict_to_raw(dict(request.headers.items())) or b""
    return head + (headers + b"\r\n" if headers else b"") + b"\r\n" + request.body


def referer_str(request: Request) -> str | None:
    """The Referer of a request as text for logs."""
    referer = request.headers.get("Referer")
    return None if referer is None else referer.decode("utf-8", "replace")
