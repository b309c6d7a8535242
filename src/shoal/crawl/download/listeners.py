"""The listeners to a download while it runs: `headers_received` and `bytes_received`.

The one rule: they cost nothing where nobody listens; a listener may end the download by raising StopDownload.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import StopDownload
from shoal.crawl.failure import Failure

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.headers import Headers
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.downloader.handlers")


class Listeners:
    """Those who listen to one download; `stop` is set when one of them has had enough."""

    def __init__(self, crawler: Crawler, request: Request) -> None:
        self._crawler = crawler
        self._request = request
        self.stop: StopDownload | None = None

    def headers(self, headers: Headers, body_length: int) -> bool:
        """Tell of the headers; `body_length` is -1 where it is not known. Returns whether to go on."""
        return self._tell(signals.headers_received, headers=headers, body_length=body_length)

    def data(self, data: bytes) -> bool:
        """Tell of a piece of the body. Returns whether to go on."""
        return self._tell(signals.bytes_received, data=data)

    def _tell(self, signal: object, **arguments: Any) -> bool:
        results = self._crawler.signals.send_catch_log(
            signal, request=self._request, spider=self._crawler.spider, **arguments
        )
        for listener, result in results:
            if isinstance(result, Failure) and isinstance(result.value, StopDownload):
                logger.debug(f"Download stopped for {self._request} from signal handler {listener.__qualname__}")
                self.stop = result.value
        return self.stop is None


def listeners_of(crawler: Crawler, request: Request) -> Listeners | None:
    """The listeners to a download of this crawl, None where nobody listens."""
    known = crawler.signals
    if known.has_receivers(signals.headers_received) or known.has_receivers(signals.bytes_received):
        return Listeners(crawler, request)
    return None


def stopped(stop: StopDownload, response: Response) -> Response:
    """What comes of a stopped download: the response so far; raised within `stop` when that is to be a failure."""
    if not stop.fail:
        return response
    stop.response = response
    raise stop
