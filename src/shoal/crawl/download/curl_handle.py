"""A handle of libcurl with what it gathers: lines of heads, pieces of the body.

The one rule: libcurl fills the lists itself; no Python is called for a piece unless somebody listens.
"""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import pycurl

from shoal.crawl.download.curl_options import CurlOptions, check_lines, header_lines, is_plain, tell_request
from shoal.crawl.download.head import content_length, parse_head

if TYPE_CHECKING:
    import asyncio

    from shoal.crawl.download.guard import Question
    from shoal.crawl.download.limits import Limits
    from shoal.crawl.download.listeners import Listeners
    from shoal.crawl.request import Request

_ENDS = (b"\r\n", b"\n")
_STOP = -1
_TLS_TOLD = b"SSL connection using "

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.downloader.tls")


class Handle:
    """One handle of libcurl and what it gathers: lines of heads, pieces of the body."""

    __slots__ = ("chunks", "curl", "ended", "headers", "lines", "maxsize", "plain", "question", "timeout", "url")

    def __init__(self, options: CurlOptions) -> None:
        self.curl = cast("Any", pycurl.Curl())
        self.curl.handle = self
        self.lines: list[bytes] = []
        self.chunks: list[bytes] = []
        self.url = ""
        self.ended: asyncio.Future[tuple[int, str]] | None = None
        self.question: Question | None = None
        self.prepare(options)

    def prepare(self, options: CurlOptions) -> None:
        """Tell libcurl what holds for all requests; the lists are filled without a call of Python's."""
        self.headers: list[bytes] | None = None
        self.timeout = 0.0
        self.maxsize = 0
        self.plain = True
        options.prepare(self.curl)
        self.curl.setopt(pycurl.HEADERFUNCTION, self.lines.append)
        self.curl.setopt(pycurl.WRITEFUNCTION, self.chunks.append)
        if options.guarded:
            self.curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        if options.tls.verbose:
            self.curl.setopt(pycurl.VERBOSE, 1)
            self.curl.setopt(pycurl.DEBUGFUNCTION, self._log_tls)

    def _log_tls(self, _kind: int, text: bytes) -> None:
        """libcurl says `SSL connection using TLSv1.3 / CIPHER / ...` once for a connection."""
        if text.startswith(_TLS_TOLD):
            protocol, cipher = text[len(_TLS_TOLD) :].decode("latin-1").split(" / ")[:2]
            host = urlsplit(self.url).hostname
            logger.debug(f"SSL connection to {host} using protocol {protocol}, cipher {cipher.strip()}")

    def _open_socket(self, _purpose: int, address: Any) -> Any:
        """What libcurl connects by: it says where to, after all names are resolved."""
        family, kind, protocol, name = address
        text = name[0] if isinstance(name, tuple) else ""
        if self.question is not None and not self.question.allows(text):
            return pycurl.SOCKET_BAD
        return _Lent(family, kind, protocol)

    def ask(self, question: Question) -> None:
        """Connections of the next request are asked for. One that is bound takes none that another has opened."""
        self.question = question
        if question.bound and not question.alone:
            self.plain = False
            self.curl.setopt(pycurl.FRESH_CONNECT, 1)

    def tell(self, request: Request, limits: Limits) -> None:
        """Tell libcurl about a request. Raises ValueError for what cannot be sent."""
        curl = self.curl
        url = self.url = request.url
        curl.setopt(pycurl.URL, url if url.isascii() else url.encode())
        if limits.timeout != self.timeout:
            curl.setopt(pycurl.TIMEOUT_MS, max(int(limits.timeout * 1000), 1) if limits.timeout else 0)
            self.timeout = limits.timeout
        if limits.maxsize != self.maxsize:
            curl.setopt(pycurl.MAXFILESIZE_LARGE, limits.maxsize)
            self.maxsize = limits.maxsize
        sink = request._meta.get("download_sink") if request._meta else None
        if sink is not None:
            # A body that may be larger than memory goes where the request wants it: see pipelines/sinks.py.
            self.plain = False
            sink.begin(request.headers)
            curl.setopt(pycurl.WRITEFUNCTION, _SinkWriter(self.lines, sink))
        lines = header_lines(request)
        if not is_plain(request):
            self.plain = False
            tell_request(curl, request, lines)
        if lines != self.headers:
            check_lines(lines)
            curl.setopt(pycurl.HTTPHEADER, lines)
            self.headers = lines

    def listen(self, listeners: Listeners) -> None:
        """Let listeners see what comes while it comes."""
        self.plain = False
        self.curl.setopt(pycurl.HEADERFUNCTION, _HeadListener(self.lines, listeners))
        self.curl.setopt(pycurl.WRITEFUNCTION, _BodyListener(self.chunks, listeners))

    def make_ready(self, options: CurlOptions) -> None:
        """Forget the last request."""
        self.ended = None
        self.question = None
        self.lines.clear()
        self.chunks.clear()
        if not self.plain:
            self.curl.reset()
            self.prepare(options)


class _Lent(socket.socket):
    """A socket that libcurl has made its own copy of by the time that nobody holds this one any more."""

    def __del__(self) -> None:
        self.close()


class _SinkWriter:
    """Tells the sink of the head before the first piece. A disk that takes no more ends the download."""

    def __init__(self, lines: list[bytes], sink: Any) -> None:
        self._lines = lines
        self._sink = sink
        self._began = False

    def __call__(self, data: bytes) -> int:
        try:
            if not self._began:
                self._began = True
                status, _, headers = parse_head(self._lines)
                self._sink.answer(status, headers)
            self._sink.write(data)
        except OSError as problem:
            logger.error(f"{self._sink.path()}: {problem}")
            return _STOP
        return len(data)


class _HeadListener:
    def __init__(self, lines: list[bytes], listeners: Listeners) -> None:
        self._lines = lines
        self._listeners = listeners

    def __call__(self, line: bytes) -> int | None:
        self._lines.append(line)
        if line not in _ENDS:
            return None
        status, _, headers = parse_head(self._lines)
        if status < 200 or self._listeners.headers(headers, content_length(headers)):
            return None
        return _STOP


class _BodyListener:
    def __init__(self, chunks: list[bytes], listeners: Listeners) -> None:
        self._chunks = chunks
        self._listeners = listeners

    def __call__(self, data: bytes) -> int | None:
        self._chunks.append(data)
        return None if self._listeners.data(data) else _STOP
