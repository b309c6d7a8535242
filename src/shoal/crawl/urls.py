"""URLs made safe, joined and compared.

The one rule: a shortcut may only take a URL for which it gives exactly what w3lib or urllib would have given.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import ParseResult, urljoin, urlparse, urlunparse

if TYPE_CHECKING:
    from collections.abc import Iterable

# A URL that is safe as it stands: lower-case host, at most a five-digit port, a path, only characters that no rule
# quotes. "%" is among them because safe_url_string leaves it as it is.
_HOST = r"https?://(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}(?::[1-9][0-9]{0,3}|:[1-5][0-9]{4})?"
is_clean = re.compile(
    _HOST
    + r"/[A-Za-z0-9._~!$&()*+,;=:@/%-]*(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?%-]+)?(?:\#[A-Za-z0-9._~!$&()*+,;=:@/?%-]+)?"
).fullmatch
# A URL that is its own canonical form: no query, no fragment, no quoting, no parameters, no dot segments.
is_canonical = re.compile(_HOST + r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?").fullmatch

# A query whose canonical form is its own pairs, sorted.
_is_plain_query = re.compile("[A-Za-z0-9._~-]+=[A-Za-z0-9._~-]*(?:&[A-Za-z0-9._~-]+=[A-Za-z0-9._~-]*)*").fullmatch

# What joins by mere concatenation: no dot segments, no empty segments, no parameters, no scheme.
_PATH = r"(?:[A-Za-z0-9_~%-][A-Za-z0-9._~%@!$&()*+,=-]*/)*(?:[A-Za-z0-9_~%-][A-Za-z0-9._~%@!$&()*+,=-]*)?"
_TAIL = r"(?:\?[A-Za-z0-9._~!$&()*+,=:@/?%-]+)?(?:\#[A-Za-z0-9._~!$&()*+,=:@/?%-]+)?"
_is_rooted = re.compile("/" + _PATH + _TAIL).fullmatch
_is_relative = re.compile("(?=[A-Za-z0-9_~%-])" + _PATH + _TAIL).fullmatch
_is_plain_base = re.compile(_HOST + "/" + _PATH).fullmatch

_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}


def safe_url(url: str, encoding: str) -> str:
    """`url` as it can be sent: spaces and letters beyond ASCII quoted, the query in `encoding`, the host in IDNA."""
    if is_clean(url):
        return url
    from w3lib.url import safe_url_string  # imports 40 modules, which the shortcuts do without

    return safe_url_string(url, encoding)


def canonical_url(url: str, keep_fragments: bool = False) -> str:
    """The form in which two URLs of the same page are the same: sorted query, one spelling of quoting, no fragment."""
    if is_canonical(url):
        return url
    address, _, query = url.partition("?")
    if _is_plain_query(query) and is_canonical(address):
        return f"{address}?{'&'.join(sorted(query.split('&'), key=_pair))}"
    from w3lib.url import canonicalize_url

    return canonicalize_url(url, keep_fragments=keep_fragments)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


class Joiner:
    """Joins references to one base URL (RFC 3986, section 5), as `urllib.parse.urljoin` does, but fast."""

    __slots__ = ("base", "directory", "origin")

    def __init__(self, base: str) -> None:
        self.base = base
        self.origin = self.directory = ""
        path = base.partition("#")[0].partition("?")[0]
        if _is_plain_base(path):
            self.origin = path[: path.index("/", 8)]
            self.directory = path[: path.rindex("/") + 1]

    def __call__(self, reference: str) -> str:
        """The absolute URL of `reference`."""
        if self.origin:
            if _is_rooted(reference):
                return self.origin + reference
            if _is_relative(reference):
                return self.directory + reference
            if reference.startswith("../"):
                joined = self._above(reference)
                if joined is not None:
                    return joined
        if is_clean(reference) and ";" not in reference:
            return reference
        return urljoin(self.base, reference)

    def _above(self, reference: str) -> str | None:
        """The URL of a reference that begins with `../`, which at the root leads nowhere else; None for odd ones."""
        directory, top = self.directory, len(self.origin) + 1
        while reference.startswith("../"):
            reference = reference[3:]
            if len(directory) > top:
                directory = directory[: directory.rindex("/", 0, -1) + 1]
        return directory + reference if _is_relative(reference) else None


def url_is_from_any_domain(url: str | ParseResult, domains: Iterable[str]) -> bool:
    """Whether the URL's host is one of `domains` or lies below one of them."""
    host = _parsed(url).netloc.lower()
    return bool(host) and any(host == d or host.endswith("." + d) for d in (domain.lower() for domain in domains))


def url_has_any_extension(url: str | ParseResult, extensions: Iterable[str]) -> bool:
    """Whether the URL's path ends in one of `extensions` (with their dots: `.pdf`, `.tar.gz`)."""
    path = _parsed(url).path.lower()
    return any(path.endswith(extension) for extension in extensions)


def strip_url(
    url: str,
    strip_credentials: bool = True,
    strip_default_port: bool = True,
    origin_only: bool = False,
    strip_fragment: bool = True,
) -> str:
    """`url` without user and password, without the port its scheme implies, without fragment.

    `origin_only` also drops path and query, and the credentials with them.
    """
    parts = urlparse(url)
    netloc = parts.netloc
    if strip_credentials or origin_only:
        netloc = netloc.rpartition("@")[2]
    if strip_default_port and _DEFAULT_PORTS.get(parts.scheme, -1) == parts.port:
        netloc = netloc.removesuffix(f":{parts.port}")
    path, params, query = ("/", "", "") if origin_only else (parts.path, parts.params, parts.query)
    fragment = "" if strip_fragment or origin_only else parts.fragment
    return urlunparse((parts.scheme, netloc, path, params, query, fragment))


def add_http_if_no_scheme(url: str) -> str:
    """`url` with `http://` before it when it names no scheme."""
    if re.match(r"\w+://", url):
        return url
    return ("http:" if url.startswith("//") else "http://") + url


def is_posix_path(text: str) -> bool:
    """Whether `text` is rather a file's path than a URL: `/page.html`, `./page.html`, `~/page.html`, `.site/x`."""
    return re.match(r"(?:~|\.{1,2}|\.\w[^/]*)?/(?=.*[^/\s])", text) is not None


def is_windows_path(text: str) -> bool:
    """Whether `text` begins with a drive or a network share."""
    return re.match(r"[A-Za-z]:\\|\\\\", text) is not None


def _parsed(url: str | ParseResult) -> ParseResult:
    return url if isinstance(url, ParseResult) else urlparse(url)
