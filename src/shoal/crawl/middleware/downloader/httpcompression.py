"""Downloader middleware: asks for compressed pages and opens them.

The one rule: a body that becomes too large (DOWNLOAD_MAXSIZE, or COMPRESSION_MAX_RATIO times what came) is given up
while it is being opened, not after.
"""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.decompress import ACCEPTED, decode_body, decompression_limit
from shoal.crawl.exceptions import IgnoreRequest, NotConfigured, ScrapyDeprecationWarning
from shoal.crawl.gunzip import DecompressedTooLargeError
from shoal.crawl.response import Response, TextResponse
from shoal.crawl.response_class import response_class

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector

logger = logging.getLogger("scrapy.downloadermiddlewares.httpcompression")

ACCEPTED_ENCODINGS = list(ACCEPTED)
_ACCEPT = b", ".join(ACCEPTED)
_MAX_RATIO = 200.0


class HttpCompressionMiddleware:
    """Undoes Content-Encoding; limits may be changed by `meta["download_maxsize"]` and `["download_warnsize"]`."""

    def __init__(self, stats: StatsCollector | None = None, *, crawler: Crawler | None = None) -> None:
        if crawler is None:
            warnings.warn(
                f"{type(self).__name__}() without a crawler is deprecated.", ScrapyDeprecationWarning, stacklevel=2
            )
            self.stats, self._max_size, self._warn_size, self._max_ratio = stats, 0, 0, _MAX_RATIO
            return
        settings = crawler.settings
        self.stats = stats or crawler.stats
        self._max_size = settings.getint("DOWNLOAD_MAXSIZE")
        self._warn_size = settings.getint("DOWNLOAD_WARNSIZE")
        self._max_ratio = settings.getfloat("COMPRESSION_MAX_RATIO")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One with the crawler's settings. Raises NotConfigured when COMPRESSION_ENABLED says no."""
        from shoal.crawl import signals

        if not crawler.settings.getbool("COMPRESSION_ENABLED"):
            raise NotConfigured
        middleware = cls(crawler=crawler)
        crawler.signals.connect(middleware.open_spider, signal=signals.spider_opened)
        return middleware

    def open_spider(self, spider: Spider) -> None:
        """Read the attributes that were settings once."""
        self._max_size = self._attribute(spider, "download_maxsize", self._max_size)
        self._warn_size = self._attribute(spider, "download_warnsize", self._warn_size)

    def _attribute(self, spider: Spider, name: str, present: int) -> int:
        if not hasattr(spider, name):
            return present
        warnings.warn(
            f"The {name!r} spider attribute is deprecated. Use the {name.upper()} setting instead.",
            ScrapyDeprecationWarning,
            stacklevel=3,
        )
        return int(getattr(spider, name))

    def process_request(self, request: Request, spider: Any = None) -> None:  # noqa: ARG002
        """Say what we can open."""
        dict.setdefault(request.headers, b"Accept-Encoding", [_ACCEPT])

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:  # noqa: ARG002
        """The response with its body opened. Raises IgnoreRequest for one that becomes too large."""
        headers = response._headers
        if not headers or request.method == "HEAD":
            return response
        codings = dict.get(headers, b"Content-Encoding")
        if not codings:
            return response
        body, left = self._opened(request, response, _split(codings))
        if self.stats is not None:
            self.stats.inc_value("httpcompression/response_bytes", len(body))
            self.stats.inc_value("httpcompression/response_count")
        return _replaced(response, body, left)

    def _opened(self, request: Request, response: Response, codings: list[bytes]) -> tuple[bytes, list[bytes]]:
        meta = request._meta or {}
        max_size = meta.get("download_maxsize", self._max_size)
        warn_size = meta.get("download_warnsize", self._warn_size)
        limit = decompression_limit(len(response.body), max_size, self._max_ratio)
        try:
            body, left = decode_body(response.body, codings, limit)
        except DecompressedTooLargeError as problem:
            why = "DOWNLOAD_MAXSIZE" if limit == max_size else "COMPRESSION_MAX_RATIO"
            text = (
                f"Ignored {response}: its body ({len(response.body)} B as it came, {problem.decompressed_size} B "
                f"so far when decompressed) is larger than {why} allows ({limit} B)."
            )
            logger.warning(text)
            raise IgnoreRequest(text) from problem
        if left:
            logger.warning(
                f"{type(self).__name__} cannot decode the response for {response.url} "
                f"from unsupported encoding(s) '{b','.join(left).decode('latin-1')}'."
            )
        if warn_size and len(body) > warn_size:
            logger.warning(
                f"{response} body size after decompression ({len(body)} B) is larger than the download warning size "
                f"({warn_size} B)."
            )
        return body, left


def _split(values: list[bytes]) -> list[bytes]:
    """The codings of one or more Content-Encoding headers, in the order they were applied."""
    return [coding.strip().lower() for value in values for coding in value.split(b",") if coding.strip()]


def _replaced(response: Response, body: bytes, left: list[bytes]) -> Response:
    """The response with its opened body, as the class that now fits; its encoding is looked for again."""
    headers = response.headers.copy()
    if left:
        headers[b"Content-Encoding"] = left
    else:
        del headers[b"Content-Encoding"]
    cls = response_class(headers, response.url, body)
    if isinstance(response, TextResponse) and not issubclass(cls, TextResponse):
        cls = type(response)
    if issubclass(cls, TextResponse):
        return response.replace(cls=cls, headers=headers, body=body, encoding=None)
    return response.replace(cls=cls, headers=headers, body=body)
