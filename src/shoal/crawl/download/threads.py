"""Fetching by the `requests` library in threads.

The one rule: one thread, one session, one request at a time; listeners are called in the loop's thread, never here.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from urllib3 import disable_warnings
from urllib3.exceptions import HTTPError, IncompleteRead, InsecureRequestWarning, ProtocolError
from urllib3.util import SKIP_HEADER

from shoal.crawl.download.guard import Question, asking, guard_of
from shoal.crawl.download.head import make_response
from shoal.crawl.download.limits import Limits
from shoal.crawl.download.listeners import listeners_of
from shoal.crawl.download.proxies import basic_credentials
from shoal.crawl.download.received import LossTeller, Received, warn_of_bindaddress
from shoal.crawl.download.resolved import pairs_of
from shoal.crawl.download.thread_connections import CheckedAdapter
from shoal.crawl.download.thread_errors import error_for
from shoal.crawl.download.tls import TLSOptions
from shoal.crawl.exceptions import (
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from shoal.crawl.headers import Headers

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

_PIECE = 64 * 1024
_SKIPPED = ("User-Agent", "Accept-Encoding")
_THREADS_WHERE_UNLIMITED = 64
_NOBODY: Any = DefaultCookiePolicy(allowed_domains=[])


class ThreadDownloadHandler:
    """Fetches http: and https: by `requests`, in as many threads as CONCURRENT_REQUESTS says."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        """Raises ValueError for settings that make no sense."""
        settings = crawler.settings
        self._crawler = crawler
        self._limits = Limits.from_settings(settings)
        self._tls = TLSOptions(settings)
        if not self._tls.verify:
            disable_warnings(InsecureRequestWarning)
        self._connect_timeout = settings.getfloat("DOWNLOAD_CONNECT_TIMEOUT")
        address = settings.get("DOWNLOAD_BIND_ADDRESS")
        self._local_address = (address, 0) if isinstance(address, str) else address
        self._guard = guard_of(crawler)
        self._overrides = dict(pairs_of(settings.getdictorlist("DOWNLOAD_RESOLVE")))
        count = settings.getint("CONCURRENT_REQUESTS") or _THREADS_WHERE_UNLIMITED
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="download")
        self._own = threading.local()
        self._sessions: list[requests.Session] = []
        self._loss = LossTeller()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A handler for one crawl."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """The response; redirects are not followed, the body is as it came. Raises the download errors."""
        if not request.url.startswith(("http://", "https://")):
            raise UnsupportedURLSchemeError(f"{request.url}: this handler fetches http and https only")
        warn_of_bindaddress(self, request)
        limits = self._limits.of(request._meta)
        received = Received(request, limits, listeners_of(self._crawler, request))
        loop = asyncio.get_running_loop()
        question = self._guard.question(request)
        response = await loop.run_in_executor(self._threads, self._ask, question, loop, request, limits, received)
        return received.finish(response)

    def _session(self, bound: bool) -> requests.Session:
        """This thread's session; requests that are bound to public addresses share no connection with others."""
        name = "bound" if bound else "free"
        session: requests.Session | None = getattr(self._own, name, None)
        if session is None:
            session = requests.Session()
            setattr(self._own, name, session)
            session.trust_env = False
            session.headers.clear()
            session.cookies.set_policy(_NOBODY)
            adapter = CheckedAdapter(self._tls, self._local_address, self._overrides)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._sessions.append(session)
        return session

    def _ask(self, question: Question, loop: asyncio.AbstractEventLoop, request: Request, *rest: Any) -> Response:
        try:
            with asking(question):
                return self._fetch(question.bound, loop, request, *rest)
        except DownloadFailedError:
            if question.refused:
                raise question.error(request) from None
            raise

    def _fetch(
        self, bound: bool, loop: asyncio.AbstractEventLoop, request: Request, limits: Limits, received: Received
    ) -> Response:
        began = monotonic()
        try:
            with self._session(bound).send(
                self._prepared(request),
                stream=True,
                allow_redirects=False,
                timeout=(self._connect_timeout or None, limits.timeout or None),
                proxies=_proxies(request),
                verify=self._tls.verify,
            ) as answer:
                request.meta["download_latency"] = monotonic() - began
                return self._read(answer, loop, request, limits, received, began)
        except (requests.RequestException, HTTPError, OSError) as problem:
            raise error_for(problem, request, limits) from problem

    def _prepared(self, request: Request) -> requests.PreparedRequest:
        prepared = requests.Request(request.method, request.url, data=request.body or None).prepare()
        prepared.url = request.url.partition("#")[0]
        for name in ("Content-Type", *_SKIPPED):
            prepared.headers.pop(name, None)
        for name, values in request.headers.to_unicode_dict().items():
            if values and name not in ("Proxy-Authorization", "Content-Length"):
                prepared.headers[name] = values
        for name in _SKIPPED:
            prepared.headers.setdefault(name, SKIP_HEADER)
        return prepared

    def _read(
        self,
        answer: requests.Response,
        loop: asyncio.AbstractEventLoop,
        request: Request,
        limits: Limits,
        received: Received,
        began: float,
    ) -> Response:
        raw = answer.raw
        headers = Headers(raw.headers.iteritems())
        peer = _peer(raw)
        if _in_loop(loop, partial(received.take_headers, answer.status_code), headers):
            self._read_body(raw, loop, request, limits, received, began)
        version = f"HTTP/{raw.version // 10}.{raw.version % 10}"
        return make_response(
            request,
            answer.status_code,
            headers,
            received.body,
            flags=received.flags,
            certificate=peer[1],
            ip_address=peer[0],
            protocol=version,
        )

    def _read_body(
        self,
        raw: Any,
        loop: asyncio.AbstractEventLoop,
        request: Request,
        limits: Limits,
        received: Received,
        began: float,
    ) -> None:
        try:
            for piece in raw.stream(_PIECE, decode_content=False):
                if limits.timeout and monotonic() - began > limits.timeout:
                    raise DownloadTimeoutError(limits.timed_out(request))
                if not _in_loop(loop, received.take, piece):
                    return
        except (IncompleteRead, ProtocolError) as problem:
            if not limits.fail_on_dataloss:
                received.flags.append("dataloss")
                return
            self._loss.tell(request)
            raise ResponseDataLossError(f"{request.url}: the body ended before its promised end") from problem

    async def close(self) -> None:
        """Wait for what runs, close all connections."""
        await asyncio.to_thread(self._threads.shutdown)
        for session in self._sessions:
            session.close()
        self._sessions.clear()


def _in_loop(loop: asyncio.AbstractEventLoop, call: Callable[[Any], bool], argument: Any) -> bool:
    """Call where the listeners live, and wait for the answer."""

    async def ask() -> bool:
        return call(argument)

    return asyncio.run_coroutine_threadsafe(ask(), loop).result()


def _proxies(request: Request) -> dict[str, str]:
    proxy = request.meta.get("proxy")
    if not proxy:
        return {}
    url = proxy if "://" in proxy else "http://" + proxy
    authorization = request.headers.get("Proxy-Authorization")
    if authorization:
        name, _, password = basic_credentials(authorization).decode("latin-1").partition(":")
        scheme, _, rest = url.partition("://")
        url = f"{scheme}://{quote(name, safe='')}:{quote(password, safe='')}@{rest}"
    return {"http": url, "https": url}


def _peer(raw: Any) -> tuple[Any, bytes | None]:
    """Address and certificate of the server, while the connection is still known."""
    connection = getattr(raw, "_connection", None) or getattr(raw, "connection", None)
    sock = getattr(connection, "sock", None)
    if sock is None:
        return None, None
    certificate = sock.getpeercert(True) if hasattr(sock, "getpeercert") else None
    return ip_address(sock.getpeername()[0].partition("%")[0]), certificate
