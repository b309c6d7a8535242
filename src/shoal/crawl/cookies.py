"""Cookie jars: the standard library's, reading our requests and responses.

The one rule: what a cookie may do is `http.cookiejar`'s decision (RFC 2965 and Netscape's rules, as browsers do);
here is only the translation, and that a jar with thousands of hosts is asked about a few of them.
"""

from __future__ import annotations

import re
import time
from http.cookiejar import Cookie, CookiePolicy, DefaultCookiePolicy
from http.cookiejar import CookieJar as _Jar
from typing import TYPE_CHECKING, Any

from shoal.crawl.parsed_url import parsed_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response

_PORT = re.compile(r":\d*$")
_IS_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}").fullmatch


class CookieJar:
    """The cookies of one session; every `check_expired_frequency` requests, expired ones are thrown away."""

    def __init__(self, policy: CookiePolicy | None = None, check_expired_frequency: int = 10_000) -> None:
        self.policy = policy or DefaultCookiePolicy()
        self.jar = _Jar(self.policy)
        self.check_expired_frequency = check_expired_frequency
        self.processed = 0

    def extract_cookies(self, response: Response, request: Request) -> None:
        """Take over the cookies that `response` sets."""
        self.jar.extract_cookies(WrappedResponse(response), WrappedRequest(request))  # type: ignore[arg-type]

    def add_cookie_header(self, request: Request) -> None:
        """Set the Cookie header of `request`, unless it has one or no cookie fits."""
        wrapped = WrappedRequest(request)
        self.policy._now = self.jar._now = int(time.time())  # type: ignore[attr-defined]
        cookies = [cookie for host in _hosts(wrapped.host) for cookie in self._of(host, wrapped)]
        if cookies and not wrapped.has_header("Cookie"):
            attributes = self.jar._cookie_attrs(cookies)  # type: ignore[attr-defined]
            wrapped.add_unredirected_header("Cookie", "; ".join(attributes))
        self.processed += 1
        if self.processed % self.check_expired_frequency == 0:
            self.jar.clear_expired_cookies()

    def _of(self, host: str, request: WrappedRequest) -> list[Cookie]:
        if host not in self.jar._cookies:  # type: ignore[attr-defined]
            return []
        return self.jar._cookies_for_domain(host, request)  # type: ignore[attr-defined, no-any-return]

    @property
    def _cookies(self) -> dict[str, dict[str, dict[str, Cookie]]]:
        return self.jar._cookies  # type: ignore[attr-defined, no-any-return]

    def clear(self, domain: str | None = None, path: str | None = None, name: str | None = None) -> None:
        """Throw away the cookies of a domain, a path of it, one of its names; without arguments, all."""
        self.jar.clear(domain, path, name)

    def clear_session_cookies(self) -> None:
        """Throw away the cookies that end with the session."""
        self.jar.clear_session_cookies()

    def make_cookies(self, response: Response, request: Request) -> Sequence[Cookie]:
        """The cookies that `response` sets, not taken over."""
        return self.jar.make_cookies(WrappedResponse(response), WrappedRequest(request))  # type: ignore[arg-type]

    def set_cookie(self, cookie: Cookie) -> None:
        """Add a cookie, whatever the policy says."""
        self.jar.set_cookie(cookie)

    def set_cookie_if_ok(self, cookie: Cookie, request: Request) -> None:
        """Add a cookie if the policy lets the host of `request` set it."""
        self.jar.set_cookie_if_ok(cookie, WrappedRequest(request))  # type: ignore[arg-type]

    def set_policy(self, policy: CookiePolicy) -> None:
        """Judge cookies by `policy` from now on."""
        self.policy = policy
        self.jar.set_policy(policy)

    def __iter__(self) -> Iterator[Cookie]:
        return iter(self.jar)

    def __len__(self) -> int:
        return len(self.jar)


def _hosts(host: str) -> list[str]:
    """The names under which cookies for `host` may be kept: itself, the domains above it, each also with a dot."""
    host = _PORT.sub("", host.rpartition("@")[2]).lower()
    if not host or _IS_IPV4(host):
        return [host]
    names = [host]
    while host.count(".") > 1:
        host = host.partition(".")[2]
        names.append(host)
    dotted = ["." + name for name in names]
    # The standard library calls a host without a dot "name.local".
    return names + dotted + ([names[0] + ".local"] if "." not in names[0] else [])


class WrappedRequest:
    """A request in the words of `urllib.request.Request`, for `http.cookiejar`."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def get_full_url(self) -> str:
        """The URL."""
        return self.request.url

    def get_host(self) -> str:
        """Host and port."""
        return parsed_url(self.request).netloc

    def get_type(self) -> str:
        """The scheme."""
        return parsed_url(self.request).scheme

    def is_unverifiable(self) -> bool:
        """Whether nobody asked for this request (RFC 2965): as `meta["is_unverifiable"]` says."""
        return bool(self.request._meta and self.request._meta.get("is_unverifiable", False))

    full_url = property(get_full_url)
    host = property(get_host)
    type = property(get_type)
    unverifiable = property(is_unverifiable)

    @property
    def origin_req_host(self) -> str:
        """The host of the page this request came from: its own."""
        return parsed_url(self.request).hostname or ""

    def has_header(self, name: str) -> bool:
        """Whether the request has header `name`."""
        return self.request.headers.has_key(name)

    def get_header(self, name: str, default: str | None = None) -> str | None:
        """The value of header `name` as text."""
        value = self.request.headers.get(name)
        return default if value is None else value.decode("utf-8", "replace")

    def header_items(self) -> list[tuple[str, list[str]]]:
        """All headers as text."""
        return [(k.decode("utf-8", "replace"), _decoded(v)) for k, v in self.request.headers.items()]

    def add_unredirected_header(self, name: str, value: str) -> None:
        """Add a header."""
        self.request.headers.appendlist(name, value)


class WrappedResponse:
    """A response in the words of `http.client.HTTPResponse`, for `http.cookiejar`."""

    def __init__(self, response: Response) -> None:
        self.response = response

    def info(self) -> WrappedResponse:
        """The headers: this object answers for them."""
        return self

    def get_all(self, name: str, default: Any = None) -> list[str]:
        """All values of header `name`, as text."""
        return _decoded(self.response.headers.getlist(name, default))


def _decoded(values: list[bytes]) -> list[str]:
    return [value.decode("utf-8", "replace") for value in values]
