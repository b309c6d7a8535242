"""Downloader middleware: counts requests, responses, failures and their bytes.

The one rule: it counts what passes it, so what a cache answers below it is counted, and what a middleware above it
answers is not. Bytes are those of HTTP/1.1, computed, whatever the connection spoke.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import object_path
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.parsed_url import parsed_url
from shoal.crawl.stats import count_each

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.stats import StatsCollector

# "HTTP/1.1", the number, two spaces and the line break of a status line; and the empty line after the headers.
_STATUS_LINE = 15
_LINE_BREAK = 2
# What a header line has beside name and value: ": " and the line break.
_AROUND = 2 + _LINE_BREAK
_STATUS_LENGTHS = {int(status): len(status.phrase) + _STATUS_LINE for status in HTTPStatus}
# " HTTP/1.1", its line break, "Host: " and its line break, the empty line.
_REQUEST_FRAME = 11 + 8 + 2


def get_header_size(headers: Mapping[bytes, list[bytes]]) -> int:
    """The bytes of headers on the wire without their last line break; values that are no lists are left out."""
    size = 0
    for name, values in dict.items(headers) if isinstance(headers, dict) else headers.items():
        if type(values) is list and len(values) == 1:  # the usual case
            size += len(name) + len(values[0]) + _AROUND
        elif isinstance(values, (list, tuple)):
            size += sum(len(name) + len(value) + _AROUND for value in values)
    return size - _LINE_BREAK if size else 0


def get_status_size(response_status: int) -> int:
    """The bytes of the status line of an HTTP/1.1 response."""
    return _STATUS_LENGTHS.get(response_status, _STATUS_LINE)


def request_size(request: Request) -> int:
    """The bytes of a request in HTTP/1.1: what `len(request_httprepr(request))` would be."""
    parts = parsed_url(request)
    target = len(parts.path.encode()) or 1
    if parts.params:
        target += len(parts.params) + 1
    if parts.query:
        target += len(parts.query.encode()) + 1
    headers = get_header_size(request._headers) if request._headers else 0
    frame = _REQUEST_FRAME + (_LINE_BREAK if headers else 0)
    return len(request.method) + 1 + target + len(parts.hostname or "") + frame + headers + len(request.body)


class DownloaderStats:
    """Fills the statistics `downloader/...`."""

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for the crawler's statistics. Raises NotConfigured when DOWNLOADER_STATS says no."""
        if not crawler.settings.getbool("DOWNLOADER_STATS"):
            raise NotConfigured
        return cls(crawler.stats)

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Count a request."""
        count_each(self.stats, ("downloader/request_count", "downloader/request_method_count/" + request.method))
        self.stats.inc_value("downloader/request_bytes", request_size(request))

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:  # noqa: ARG002
        """Count a response."""
        count_each(self.stats, ("downloader/response_count", f"downloader/response_status_count/{response.status}"))
        head = get_header_size(response._headers or {}) + get_status_size(response.status) + 2 * _LINE_BREAK
        self.stats.inc_value("downloader/response_bytes", len(response.body) + head)
        return response

    def process_exception(self, request: Request, exception: Exception, spider: Any = None) -> None:  # noqa: ARG002
        """Count a failure, by class."""
        self.stats.inc_value("downloader/exception_count")
        self.stats.inc_value(f"downloader/exception_type_count/{object_path(type(exception))}")
