"""A body that is read piece by piece, for handlers whose library does not watch over it.

The one rule: no more than the limit is ever kept, and what the server promised is believed before it is sent.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shoal.crawl.download.head import content_length
from shoal.crawl.download.listeners import stopped

if TYPE_CHECKING:
    from typing import Any

    from shoal.crawl.download.limits import Limits
    from shoal.crawl.download.listeners import Listeners
    from shoal.crawl.exceptions import StopDownload
    from shoal.crawl.headers import Headers
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.downloader.handlers")


class Received:
    """What has come of one download: `headers`, `body`, `flags`."""

    def __init__(self, request: Request, limits: Limits, listeners: Listeners | None) -> None:
        self._request = request
        self._limits = limits
        self._listeners = listeners
        self._chunks: list[bytes] = []
        # A body that may be larger than memory goes where the request wants it: see pipelines/sinks.py.
        self._sink = request._meta.get("download_sink") if request._meta else None
        if self._sink is not None:
            self._sink.begin(request.headers)
        self._size = 0
        self._warned = False
        self.flags: list[str] = []

    def take_headers(self, status: int, headers: Headers) -> bool:
        """Look at the headers. Returns whether to read on. Raises DownloadCancelledError for a promise too large."""
        expected = content_length(headers)
        if self._request.method != "HEAD":
            self._check("Expected to receive", expected)
        if self._sink is not None:
            self._sink.answer(status, headers)
        return self._listeners is None or self._go_on(self._listeners.headers(headers, expected))

    def take(self, data: bytes) -> bool:
        """Keep a piece. Returns whether to read on. Raises DownloadCancelledError where it is too much."""
        if self._sink is None:
            self._chunks.append(data)
        else:
            self._sink.write(data)
        self._size += len(data)
        self._check("Received", self._size)
        return self._listeners is None or self._go_on(self._listeners.data(data))

    def _check(self, said: str, size: int) -> None:
        limits = self._limits
        if limits.maxsize and size > limits.maxsize:
            raise limits.too_large(said, size, self._request)
        if limits.warnsize and size > limits.warnsize and not self._warned:
            self._warned = True
            limits.warn(said, size, self._request)

    def _go_on(self, wanted: bool) -> bool:
        if not wanted:
            self.flags.append("download_stopped")
        return wanted

    @property
    def body(self) -> bytes:
        """All that has come."""
        return b"".join(self._chunks)

    def finish(self, response: Response) -> Response:
        """The response, or what a listener wanted in its place."""
        stop: StopDownload | None = None if self._listeners is None else self._listeners.stop
        return response if stop is None else stopped(stop, response)


class LossTeller:
    """Tells of the first body that was cut, and of no other."""

    def __init__(self) -> None:
        self._told = False

    def tell(self, request: Request) -> None:
        """Warn, once."""
        if not self._told:
            self._told = True
            logger.warning(
                f"Got data loss in {request.url}. To use such responses all the same, set DOWNLOAD_FAIL_ON_DATALOSS "
                "to False. This is told once."
            )


def warn_of_bindaddress(handler: Any, request: Request) -> None:
    """Say that a library cannot connect from another address for one request alone."""
    if request._meta and request._meta.get("bindaddress"):
        logger.error(
            f"The 'bindaddress' request meta key is not supported by {type(handler).__name__} and is ignored; "
            "use the DOWNLOAD_BIND_ADDRESS setting."
        )
