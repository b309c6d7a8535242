"""Where a redirect leads, and what may go along.

The one rule: a response can only send us to http and https; what was meant for one origin does not reach another
(RFC 9110, section 15.4; RFC 6265, section 5.4).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

REDIRECTS = frozenset({301, 302, 303, 307, 308})
CONTENT_HEADERS = ("Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location")
_WEB = ("http", "https")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Scheme, host and port of a URL, the port in numbers where the scheme implies it."""

    scheme: str
    host: str | None
    port: int | None


def origin_of(url: str) -> Origin:
    """The origin of a URL (RFC 6454). A port that is no number is none."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return Origin(parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme))


def is_web(url: str) -> bool:
    """Whether the URL is one of http or https, to which alone a response may send us."""
    return urlsplit(url).scheme in _WEB


def location_url(base: str, location: bytes) -> str:
    """The URL that a Location header means on a page at `base`; it inherits the fragment of `base`.

    Bytes that are no UTF-8 are kept, quoted; three slashes and more are read as two, as browsers do.
    """
    if location.startswith(b"//"):
        location = urlsplit(base).scheme.encode() + b"://" + location.lstrip(b"/")
    url = urljoin(base, safe_url_string(location))
    fragment = urlsplit(base).fragment
    return f"{url}#{fragment}" if fragment and not urlsplit(url).fragment else url


def next_method(status: int, method: str) -> str:
    """The method after a redirect with that status: as browsers do, POST becomes GET on 301 and 302 (RFC 9110)."""
    if (status == 303 and method not in ("GET", "HEAD")) or (status in (301, 302) and method == "POST"):
        return "GET"
    return method


def private_headers(source: str, target: str) -> list[str]:
    """The headers of a request for `source` that one for `target` must not have.

    A Cookie header does not say which of its cookies are secure, so none leaves https.
    """
    before, after = origin_of(source), origin_of(target)
    dropped = []
    if before.host != after.host or (before.scheme, after.scheme) == ("https", "http"):
        dropped.append("Cookie")
    if before != after:
        dropped.append("Authorization")
    return dropped


def hop_mark(method: str, url: str, cookies: bytes | None) -> str:
    """A short name for one hop; a chain of redirects that comes to the same hop twice will never end."""
    text = b"\0".join((method.encode(), url.encode(), cookies or b""))
    return blake2b(text, digest_size=8).hexdigest()
