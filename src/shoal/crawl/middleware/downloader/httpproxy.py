"""Downloader middleware: which proxy a request goes through, and its credentials.

The one rule: the proxy in a request's meta wins over the environment's (`http_proxy`, `https_proxy`, `no_proxy`);
credentials leave the URL for a header, and the header is dropped when the proxy becomes another one.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.policy.proxies import Proxy, read_proxy

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request

_HEADER = b"Proxy-Authorization"
_NO_PROXY = (None, None)
# The keys of a request's meta that this reads.
_OURS = frozenset({"proxy", "_auth_proxy"})


class HttpProxyMiddleware:
    """Sets `meta["proxy"]` and Proxy-Authorization; `proxies` maps schemes to (credentials, URL)."""

    def __init__(self, auth_encoding: str | None = "latin-1") -> None:
        self.auth_encoding = auth_encoding or "latin-1"
        self.proxies: dict[str, tuple[bytes | None, str | None]] = {}
        for scheme, url in getproxies().items():
            proxy = read_proxy(url, scheme)
            if proxy is not None and scheme != "no":
                self.proxies[scheme] = self._known(proxy)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with HTTPPROXY_AUTH_ENCODING. Raises NotConfigured when HTTPPROXY_ENABLED says no."""
        if not crawler.settings.getbool("HTTPPROXY_ENABLED"):
            raise NotConfigured
        return cls(crawler.settings.get("HTTPPROXY_AUTH_ENCODING"))

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Choose the proxy and put its credentials where they belong."""
        meta = request._meta or {}
        if not self.proxies and _OURS.isdisjoint(meta) and not (request._headers and _HEADER in request._headers):
            return
        if "proxy" in meta:
            credentials, url = self._of_meta(meta["proxy"])
        elif self.proxies:
            credentials, url = self._of_environment(request)
            if url:
                # A redirect to the other scheme has to forget this proxy.
                request.meta["_scheme_proxy"] = True
        else:
            credentials, url = _NO_PROXY
        self._set_proxy(request, url)
        self._set_credentials(request, url, credentials)

    def _of_meta(self, named: str | None) -> tuple[bytes | None, str | None]:
        proxy = None if named is None else read_proxy(named, "")
        return _NO_PROXY if proxy is None else self._known(proxy)

    def _of_environment(self, request: Request) -> tuple[bytes | None, str | None]:
        parts = parsed_url(request)
        if parts.scheme not in self.proxies:
            return _NO_PROXY
        # The netloc of other schemes, such as s3, is no host name.
        if parts.scheme in ("http", "https") and proxy_bypass(parts.hostname or ""):
            return _NO_PROXY
        return self.proxies[parts.scheme]

    def _known(self, proxy: Proxy) -> tuple[bytes | None, str | None]:
        if proxy.user is None:
            return None, proxy.url
        return self._basic_auth_header(proxy.user, proxy.password or ""), proxy.url

    def _basic_auth_header(self, username: str, password: str) -> bytes:
        pair = f"{unquote(username)}:{unquote(password)}"
        return b64encode(pair.encode(self.auth_encoding))

    def _set_proxy(self, request: Request, url: str | None) -> None:
        if url:
            request.meta["proxy"] = url
        elif request._meta and request._meta.get("proxy") is not None:
            request._meta["proxy"] = None

    def _set_credentials(self, request: Request, url: str | None, credentials: bytes | None) -> None:
        if credentials:
            request.headers[_HEADER] = b"Basic " + credentials
            request.meta["_auth_proxy"] = url
        elif request._meta and "_auth_proxy" in request._meta:
            if url != request._meta["_auth_proxy"]:
                request.headers.pop(_HEADER, None)
                del request._meta["_auth_proxy"]
        elif request._headers and _HEADER in request._headers:
            if url is None:
                del request._headers[_HEADER]
            else:
                request.meta["_auth_proxy"] = url
