"""Fetching by aiohttp, where libcurl cannot be had.

The one rule: the same promises as the usual handler; what the library cannot do is said, not passed over.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from ipaddress import ip_address
from time import perf_counter
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.resolver import ThreadedResolver
from multidict import CIMultiDict
from yarl import URL

from shoal.crawl.download.aio_errors import error_for
from shoal.crawl.download.guard import Question, asking, check_address, guard_of
from shoal.crawl.download.head import make_response
from shoal.crawl.download.limits import Limits
from shoal.crawl.download.listeners import listeners_of
from shoal.crawl.download.received import LossTeller, Received, warn_of_bindaddress
from shoal.crawl.download.resolved import pairs_of
from shoal.crawl.download.tls import TLSOptions, ssl_context
from shoal.crawl.exceptions import ResponseDataLossError, UnsupportedURLSchemeError
from shoal.crawl.headers import Headers

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.downloader.handlers")

_OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_PIECE = 64 * 1024
_SCHEMES = ("http", "https")


class AiohttpDownloadHandler:
    """Fetches http: and https: by aiohttp, HTTP/1.1 only. No SOCKS proxies, no local address for single requests."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        """Raises ValueError for settings that make no sense."""
        settings = crawler.settings
        self._crawler = crawler
        self._limits = Limits.from_settings(settings)
        self._tls = TLSOptions(settings)
        self._connect_timeout = settings.getfloat("DOWNLOAD_CONNECT_TIMEOUT")
        self._idle_timeout = settings.getfloat("DOWNLOAD_IDLE_TIMEOUT")
        self._overrides = dict(pairs_of(settings.getdictorlist("DOWNLOAD_RESOLVE")))
        address = settings.get("DOWNLOAD_BIND_ADDRESS")
        self._local_address = (address, 0) if isinstance(address, str) else address
        self._guard = guard_of(crawler)
        # By whether their requests are bound to public addresses: the two never share a connection.
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._loss = LossTeller()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A handler for one crawl."""
        return cls(crawler)

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,
            ssl=ssl_context(self._tls),
            local_addr=tuple(self._local_address) if self._local_address else None,
            resolver=_Resolver(self._overrides),
            socket_factory=None if self._guard.idle else _checked_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            response_class=_Answer,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_OWN_HEADERS,
            auto_decompress=False,
            trust_env=False,
        )

    def _session(self, question: Question) -> aiohttp.ClientSession:
        session = self._sessions.get(question.bound)
        if session is None:
            session = self._sessions[question.bound] = self._open()
        return session

    async def download_request(self, request: Request) -> Response:
        """The response; redirects are not followed, the body is as it came. Raises the download errors."""
        url = URL(request.url.partition("#")[0], encoded=True)
        if url.scheme not in _SCHEMES:
            raise UnsupportedURLSchemeError(f"{request.url}: this handler fetches http and https only")
        warn_of_bindaddress(self, request)
        limits = self._limits.of(request._meta)
        received = Received(request, limits, listeners_of(self._crawler, request))
        question = self._guard.question(request)
        try:
            with asking(question):
                return await self._fetch(self._session(question), url, request, limits, received)
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            if question.refused and isinstance(problem, aiohttp.ClientConnectorError):
                raise question.error(request) from None
            raise error_for(problem, request, limits) from problem

    async def _fetch(
        self, session: aiohttp.ClientSession, url: URL, request: Request, limits: Limits, received: Received
    ) -> Response:
        began = perf_counter()
        async with session.request(
            request.method, url, allow_redirects=False, **self._arguments(request, limits)
        ) as answer:
            assert isinstance(answer, _Answer)
            request.meta["download_latency"] = perf_counter() - began
            headers = Headers(answer.raw_headers)
            if received.take_headers(answer.status, headers):
                await self._read(answer, request, limits, received)
            elif received.flags:
                answer.close()
        if self._tls.verbose:
            answer.log_tls(url.host or "")
        response = make_response(
            request,
            answer.status,
            headers,
            received.body,
            flags=received.flags,
            certificate=answer.certificate,
            ip_address=answer.ip_address,
            protocol=f"HTTP/{answer.version.major}.{answer.version.minor}" if answer.version else None,
        )
        return received.finish(response)

    async def _read(self, answer: aiohttp.ClientResponse, request: Request, limits: Limits, received: Received) -> None:
        try:
            async for piece in answer.content.iter_any():
                if not received.take(piece):
                    answer.close()
                    return
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError) as problem:
            if not limits.fail_on_dataloss:
                received.flags.append("dataloss")
                return
            self._loss.tell(request)
            raise ResponseDataLossError(f"{request.url}: the body ended before its promised end") from problem

    def _arguments(self, request: Request, limits: Limits) -> dict[str, Any]:
        headers: CIMultiDict[str] = CIMultiDict()
        for name, values in dict.items(request.headers):
            for value in values:
                headers.add(name.decode("latin-1"), value.decode("latin-1"))
        authorization = headers.pop("Proxy-Authorization", None)
        arguments: dict[str, Any] = {
            "headers": headers,
            "data": request.body or None,
            "timeout": aiohttp.ClientTimeout(
                total=limits.timeout or None,
                sock_connect=self._connect_timeout or None,
                sock_read=self._idle_timeout or None,
            ),
        }
        proxy = request.meta.get("proxy")
        if proxy:
            arguments["proxy"] = proxy if "://" in proxy else "http://" + proxy
            if authorization and request.url.startswith("https"):
                arguments["proxy_headers"] = {"Proxy-Authorization": authorization}
            elif authorization:
                headers["Proxy-Authorization"] = authorization
        return arguments

    async def close(self) -> None:
        """Close all connections, and let their sockets be closed before the loop is."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        await asyncio.sleep(0)


class _Answer(aiohttp.ClientResponse):
    """A response that remembers its connection, which the library forgets as soon as the body is there."""

    ip_address: Any = None
    certificate: bytes | None = None
    _tls: tuple[str, str] | None = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Look at the connection before the library gives it back."""
        transport = connection.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        if peer:
            self.ip_address = ip_address(peer[0].partition("%")[0])
        tls = transport.get_extra_info("ssl_object") if transport is not None else None
        if tls is not None:
            self.certificate = tls.getpeercert(binary_form=True)
            self._tls = (tls.version() or "?", (tls.cipher() or "?")[0])
        return await super().start(connection)

    def log_tls(self, host: str) -> None:
        """Say how the connection is protected."""
        if self._tls is not None:
            protocol, cipher = self._tls
            logger.debug(f"SSL connection to {host} using protocol {protocol}, cipher {cipher}")


def _checked_socket(address: Any) -> socket.socket:
    """The socket for an address, after all names are resolved. Raises Refused for one that may not be reached."""
    family, kind, protocol, _, name = address
    check_address(name[0])
    return socket.socket(family, kind, protocol)


class _Resolver(ThreadedResolver):
    """Asks the system, except for the names whose addresses are given."""

    def __init__(self, overrides: dict[str, str]) -> None:
        super().__init__()
        self._overrides = overrides

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
        """The addresses of a host."""
        found: list[Any] = await super().resolve(self._overrides.get(host, host), port, family)
        return [{**one, "hostname": host} for one in found]
