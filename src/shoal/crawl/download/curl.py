"""The downloader's usual way to fetch: libcurl.

The one rule: a handle of libcurl is used again and again; what one request told it is never seen by the next.
"""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pycurl

from shoal.crawl.download.curl_errors import HTTP2_CODES, error_for
from shoal.crawl.download.curl_handle import Handle
from shoal.crawl.download.curl_options import CurlOptions
from shoal.crawl.download.curl_pump import CurlPump
from shoal.crawl.download.guard import guard_of
from shoal.crawl.download.head import content_length, make_response, parse_head
from shoal.crawl.download.limits import Limits
from shoal.crawl.download.listeners import Listeners, listeners_of, stopped
from shoal.crawl.download.received import LossTeller
from shoal.crawl.download.resolved import dnscache
from shoal.crawl.exceptions import DownloadFailedError, ResponseDataLossError
from shoal.crawl.mappings import LocalCache
from shoal.crawl.parsed_url import parsed_url

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.headers import Headers
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response


class CurlDownloadHandler:
    """Fetches http: and https: by libcurl, HTTP/2 where the server offers it (DOWNLOAD_HTTP2)."""

    lazy = False
    #: What `Response.protocol` says of HTTP/2.
    http2_name = "h2"

    def __init__(self, crawler: Crawler) -> None:
        """Raises ValueError for settings that make no sense."""
        settings = crawler.settings
        self._crawler = crawler
        self._limits = Limits.from_settings(settings)
        self._guard = guard_of(crawler)
        self._options = CurlOptions(settings, http2=self._wants_http2(settings), guarded=not self._guard.idle)
        self._first_byte_timeout = settings.getfloat("DOWNLOAD_FIRST_BYTE_TIMEOUT")
        self._keep_connections = max(settings.getint("CONCURRENT_REQUESTS") * 2, 64)
        self._by_address = bool(settings["CONCURRENT_REQUESTS_PER_IP"])
        self._pump: CurlPump | None = None
        self._free: list[Handle] = []
        self._loss = LossTeller()
        self._certificates: LocalCache[str, bytes] = LocalCache(1024)
        self._addresses: LocalCache[str, Any] = LocalCache(4096)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A handler for one crawl."""
        return cls(crawler)

    def _wants_http2(self, settings: Any) -> bool:
        wanted: bool = settings.getbool("DOWNLOAD_HTTP2")
        return wanted

    async def download_request(self, request: Request) -> Response:
        """The response; redirects are not followed, the body is as it came. Raises the download errors."""
        limits = self._limits.of(request._meta)
        handle = self._free.pop() if self._free else Handle(self._options)
        listeners = listeners_of(self._crawler, request)
        try:
            handle.tell(request, limits)
            if self._options.guarded:
                handle.ask(self._guard.question(request))
            if listeners is not None:
                handle.listen(listeners)
            code, text = await self._run(handle)
            return self._answer(handle, request, limits, listeners, code, text)
        finally:
            handle.make_ready(self._options)
            self._free.append(handle)

    async def _run(self, handle: Handle) -> tuple[int, str]:
        if self._pump is None:
            self._pump = CurlPump(_end, self._keep_connections)
        loop = asyncio.get_running_loop()
        handle.ended = loop.create_future()
        self._pump.start(handle.curl)
        patience = None
        if self._first_byte_timeout:
            patience = loop.call_later(self._first_byte_timeout, self._lose_patience, handle)
        try:
            return await handle.ended
        except asyncio.CancelledError:
            self._pump.abandon(handle.curl)
            raise
        finally:
            if patience is not None:
                patience.cancel()

    def _lose_patience(self, handle: Handle) -> None:
        """Give up a request of whose answer nothing has come."""
        if handle.lines or handle.ended is None or handle.ended.done() or self._pump is None:
            return
        self._pump.abandon(handle.curl)
        text = f"no byte of the answer came within {self._first_byte_timeout} seconds"
        handle.ended.set_result((pycurl.E_OPERATION_TIMEDOUT, text))

    def _answer(
        self,
        handle: Handle,
        request: Request,
        limits: Limits,
        listeners: Listeners | None,
        code: int,
        text: str,
    ) -> Response:
        stop = None if listeners is None else listeners.stop
        flags = None
        if code:
            flags = self._excuse(handle, request, limits, code, text, stop is not None)
        status, protocol, headers = self._head(handle, request)
        body = b"".join(handle.chunks)
        if limits.warnsize and (code or len(body) > limits.warnsize):
            _check_sizes(limits, request, headers, body)
        request.meta["download_latency"] = handle.curl.getinfo(pycurl.STARTTRANSFER_TIME)
        response = make_response(
            request,
            status,
            headers,
            body,
            flags=flags,
            certificate=self._certificate(handle.curl, request) if request.url.startswith("https") else None,
            ip_address=self._address(handle.curl, request),
            protocol=protocol,
        )
        return response if stop is None else stopped(stop, response)

    def _head(self, handle: Handle, request: Request) -> tuple[int, str | None, Headers]:
        try:
            status, protocol, headers = parse_head(handle.lines)
        except (IndexError, ValueError):
            raise DownloadFailedError(f"{request.url}: the answer has no status line") from None
        return status, self.http2_name if protocol == "h2" else protocol, headers

    def _excuse(
        self, handle: Handle, request: Request, limits: Limits, code: int, text: str, is_stopped: bool
    ) -> list[str]:
        """The flags of the response when it may be used in spite of `code`, else raises what `code` means."""
        if is_stopped:
            return ["download_stopped"]
        if code == pycurl.E_FILESIZE_EXCEEDED:
            raise _too_large(handle, request, limits)
        if code == pycurl.E_COULDNT_CONNECT and handle.question is not None and handle.question.refused:
            raise handle.question.error(request)
        error = error_for(code, text, request, limits)
        if code in HTTP2_CODES and _is_cut(handle):
            error = ResponseDataLossError(str(error))
        if not isinstance(error, ResponseDataLossError) or not handle.lines:
            raise error
        if limits.fail_on_dataloss:
            self._loss.tell(request)
            raise error
        return ["dataloss"]

    def _certificate(self, curl: Any, request: Request) -> bytes | None:
        """The server's certificate, DER. libcurl tells it with the handshake alone, so it is remembered."""
        host = parsed_url(request).netloc
        told = curl.getinfo(pycurl.INFO_CERTINFO)
        if told:
            text = next((value for name, value in told[0] if name == "Cert"), None)
            if text:
                self._certificates[host] = ssl.PEM_cert_to_DER_cert(text)
        return self._certificates.get(host)

    def _address(self, curl: Any, request: Request) -> Any:
        text = curl.getinfo(pycurl.PRIMARY_IP)
        if not text:
            return None
        known = self._addresses.get(text)
        if known is None:
            known = self._addresses[text] = ip_address(text.partition("%")[0])
        if self._by_address:
            dnscache[parsed_url(request).hostname or ""] = text
        return known

    async def close(self) -> None:
        """End what runs and close all connections."""
        if self._pump is not None:
            self._pump.close()
            self._pump = None
        for handle in self._free:
            handle.curl.close()
        self._free.clear()


def _end(curl: Any, code: int, text: str) -> None:
    ended = curl.handle.ended
    if ended is not None and not ended.done():
        ended.set_result((code, text))


def _check_sizes(limits: Limits, request: Request, headers: Headers, body: bytes) -> None:
    """Warn of a body that is large, or was to be: one that came in full is as large as it was to be."""
    expected = content_length(headers)
    if expected > limits.warnsize and request.method != "HEAD":
        limits.warn("Expected to receive", expected, request)
    elif len(body) > limits.warnsize:
        limits.warn("Received", len(body), request)


def _is_cut(handle: Handle) -> bool:
    """Whether less came than was promised: with HTTP/2 that is a violation of the protocol like any other."""
    try:
        promised = content_length(parse_head(handle.lines)[2])
    except (IndexError, ValueError):
        return False
    return sum(map(len, handle.chunks)) < promised


def _too_large(handle: Handle, request: Request, limits: Limits) -> Exception:
    promised = content_length(parse_head(handle.lines)[2])
    if promised > limits.maxsize:
        return limits.too_large("Expected to receive", promised, request)
    # libcurl stops before it hands out the piece that is too much.
    return limits.too_large("Received", max(sum(map(len, handle.chunks)), limits.maxsize + 1), request)
