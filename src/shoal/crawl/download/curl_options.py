"""What libcurl is told: once for every handle, and for each request.

The one rule: libcurl adds nothing of its own. No header that the request does not have, no proxy from the environment,
no redirect, no cookie, no decoding of the body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pycurl

from shoal.crawl.download.proxies import basic_credentials
from shoal.crawl.download.resolved import pairs_of
from shoal.crawl.download.tls import TLSOptions, authorities

if TYPE_CHECKING:
    from shoal.crawl.request import Request
    from shoal.crawl.settings import BaseSettings

_MINIMA = {
    "TLSv1.0": pycurl.SSLVERSION_TLSv1_0,
    "TLSv1.1": pycurl.SSLVERSION_TLSv1_1,
    "TLSv1.2": pycurl.SSLVERSION_TLSv1_2,
    "TLSv1.3": pycurl.SSLVERSION_TLSv1_3,
}
_MAXIMA = {
    "TLSv1.0": pycurl.SSLVERSION_MAX_TLSv1_0,
    "TLSv1.1": pycurl.SSLVERSION_MAX_TLSv1_1,
    "TLSv1.2": pycurl.SSLVERSION_MAX_TLSv1_2,
    "TLSv1.3": pycurl.SSLVERSION_MAX_TLSv1_3,
}
# Without a value, a name with a colon tells libcurl to leave its own header away.
_LEFT_AWAY = {b"Accept": b"Accept:", b"User-Agent": b"User-Agent:", b"Expect": b"Expect:"}
_BREAKS = frozenset(b"\n\r\0")
# Names as they are stored need not be normalised again.
_has = dict.__contains__
_NOT_PASSED_ON = frozenset({b"Proxy-Authorization", b"Content-Length"})
# Servers want a length of these even when there is no body.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NOT_HTTP_PROXIES = ("socks4", "socks4a", "socks5", "socks5h")


class CurlOptions:
    """The options of all requests of a crawl."""

    def __init__(self, settings: BaseSettings, *, http2: bool, guarded: bool = False) -> None:
        """`guarded`: handles ask before they connect. Raises ValueError for settings that make no sense."""
        self.tls = TLSOptions(settings)
        self.guarded = guarded
        self._http2 = http2
        self._authorities = authorities() if self.tls.verify else None
        self._connect_timeout = settings.getfloat("DOWNLOAD_CONNECT_TIMEOUT")
        self._idle_timeout = settings.getint("DOWNLOAD_IDLE_TIMEOUT")
        self._bind_address = settings.get("DOWNLOAD_BIND_ADDRESS")
        self._connect_to = connect_to(settings.getdictorlist("DOWNLOAD_RESOLVE"))
        self._remember_names = settings.getbool("DNSCACHE_ENABLED")

    def prepare(self, curl: Any) -> None:
        """Tell a fresh handle what holds for all requests."""
        set_option = curl.setopt
        set_option(pycurl.NOSIGNAL, 1)
        set_option(pycurl.PATH_AS_IS, 1)
        set_option(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        set_option(pycurl.PROXY, "")
        set_option(pycurl.NOPROXY, "")
        set_option(pycurl.TCP_KEEPALIVE, 1)
        # Not PIPEWAIT: all requests to a host would wait for its first answer, however long that takes.
        set_option(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS if self._http2 else pycurl.CURL_HTTP_VERSION_1_1)
        if self._connect_timeout:
            set_option(pycurl.CONNECTTIMEOUT_MS, int(self._connect_timeout * 1000))
        if self._idle_timeout:
            set_option(pycurl.LOW_SPEED_LIMIT, 1)
            set_option(pycurl.LOW_SPEED_TIME, self._idle_timeout)
        if self._connect_to:
            set_option(pycurl.CONNECT_TO, self._connect_to)
        if not self._remember_names:
            set_option(pycurl.DNS_CACHE_TIMEOUT, 0)
        bind(curl, self._bind_address)
        self._prepare_tls(curl)

    def _prepare_tls(self, curl: Any) -> None:
        tls = self.tls
        curl.setopt(pycurl.OPT_CERTINFO, 1)
        curl.setopt(pycurl.SSL_VERIFYPEER, int(tls.verify))
        curl.setopt(pycurl.SSL_VERIFYHOST, 2 if tls.verify else 0)
        curl.setopt(pycurl.PROXY_SSL_VERIFYPEER, int(tls.verify))
        curl.setopt(pycurl.PROXY_SSL_VERIFYHOST, 2 if tls.verify else 0)
        if self._authorities:
            curl.setopt(pycurl.CAINFO, self._authorities)
            curl.setopt(pycurl.PROXY_CAINFO, self._authorities)
        if tls.ciphers:
            curl.setopt(pycurl.SSL_CIPHER_LIST, tls.ciphers)
        if tls.minimum or tls.maximum:
            least = _MINIMA[tls.minimum] if tls.minimum else pycurl.SSLVERSION_DEFAULT
            curl.setopt(pycurl.SSLVERSION, least | (_MAXIMA[tls.maximum] if tls.maximum else 0))


def connect_to(overrides: dict[Any, Any] | list[Any]) -> list[str]:
    """Where to connect to instead of asking for a name's address, in libcurl's words."""
    return [f"{host}::{_bracketed(address)}:" for host, address in pairs_of(overrides)]


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address and not address.startswith("[") else address


def bind(curl: Any, address: str | tuple[str, int] | None) -> None:
    """Connect from this address of ours: a host, or host and port."""
    if not address:
        return
    host, port = (address, 0) if isinstance(address, str) else address
    curl.setopt(pycurl.INTERFACE, f"host!{host}")
    if port:
        curl.setopt(pycurl.LOCALPORT, port)


def header_lines(request: Request) -> list[bytes]:
    """The headers of a request as libcurl wants them."""
    headers = request._headers
    if not headers:
        return list(_LEFT_AWAY.values())
    lines = []
    for name, values in dict.items(headers):
        if name not in _NOT_PASSED_ON:
            for value in values:
                lines.append(name + b": " + value if value else name + b";")
    for name, line in _LEFT_AWAY.items():
        if not _has(headers, name):
            lines.append(line)
    return lines


def check_lines(lines: list[bytes]) -> None:
    """Raises ValueError for a header that would smuggle in another one."""
    whole = b"".join(lines)
    if b"\n" in whole or b"\r" in whole or b"\0" in whole:
        broken = next(line for line in lines if not _BREAKS.isdisjoint(line))
        raise ValueError(f"a header may not contain a line break: {broken!r}")


def is_plain(request: Request) -> bool:
    """Whether a request needs nothing but its URL and headers to be told."""
    meta = request._meta
    if request.method != "GET" or request._body:
        return False
    return not meta or (not meta.get("proxy") and not meta.get("bindaddress"))


def tell_request(curl: Any, request: Request, lines: list[bytes]) -> None:
    """Tell of method, body, proxy and local address; may add to the header `lines`."""
    if request.method == "HEAD":
        curl.setopt(pycurl.NOBODY, 1)
        curl.setopt(pycurl.MAXFILESIZE_LARGE, 0)
    elif request.body or request.method in _WITH_BODY:
        curl.setopt(pycurl.POSTFIELDS, request.body)
        curl.setopt(pycurl.CUSTOMREQUEST, request.method)
        if b"Content-Type" not in request.headers:
            lines.append(b"Content-Type:")
    elif request.method != "GET":
        curl.setopt(pycurl.CUSTOMREQUEST, request.method)
    meta = request.meta
    bind(curl, meta.get("bindaddress"))
    if meta.get("proxy"):
        tell_proxy(curl, meta["proxy"], request.headers.get("Proxy-Authorization"))


def tell_proxy(curl: Any, proxy: str, authorization: bytes | None) -> None:
    """Go by way of `proxy`, a URL; its credentials are for the proxy alone."""
    url = proxy if "://" in proxy else "http://" + proxy
    curl.setopt(pycurl.PROXY, url)
    curl.setopt(pycurl.HEADEROPT, pycurl.HEADER_SEPARATE)
    if authorization is None:
        return
    if urlsplit(url).scheme in _NOT_HTTP_PROXIES:
        curl.setopt(pycurl.PROXYUSERPWD, basic_credentials(authorization))
    else:
        line = b"Proxy-Authorization: " + authorization
        check_lines([line])
        curl.setopt(pycurl.PROXYHEADER, [line])
