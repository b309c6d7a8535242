"""The download handlers of a crawl, by the scheme of the URL.

The one rule: a handler that cannot be built is left out, and the reason is told when a request wants it.
"""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any, Protocol

from shoal.crawl import signals
from shoal.crawl.awaiting import settle
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.default_homes import home_of
from shoal.crawl.exceptions import NotConfigured, NotSupported, ScrapyDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.downloader.handlers")


# Default handlers that are `lazy`: they need not be imported to know it.
_KNOWN_LAZY = {f"scrapy.core.downloader.handlers.{name}" for name in ("s3.S3DownloadHandler", "ftp.FTPDownloadHandler")}


class DownloadHandlerProtocol(Protocol):
    """What a handler offers; `lazy` ones are built when the first request wants them."""

    lazy: bool

    async def download_request(self, request: Request) -> Response:
        """Fetch it. Raises one of the download errors of `shoal.crawl.exceptions`."""
        ...

    async def close(self) -> None:
        """Let go of connections and files."""
        ...


class DownloadHandlers:
    """Finds the handler of each request. They are closed when the engine has stopped."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        table = crawler.settings.getwithbase("DOWNLOAD_HANDLERS")
        self._schemes: dict[str, Any] = {scheme: path for scheme, path in table.items() if path is not None}
        self._handlers: dict[str, Any] = {}
        self._notconfigured: dict[str, str] = {}
        for scheme, path in self._schemes.items():
            if not (path in _KNOWN_LAZY and home_of(path)):
                self._load_handler(scheme, skip_lazy=True)
        crawler.signals.connect(self._close, signals.engine_stopped)

    def _get_handler(self, scheme: str) -> Any:
        """The handler of a scheme, None where there is none."""
        if scheme in self._handlers:
            return self._handlers[scheme]
        if scheme in self._notconfigured:
            return None
        if scheme not in self._schemes:
            self._notconfigured[scheme] = "no handler available for that scheme"
            return None
        return self._load_handler(scheme)

    def _load_handler(self, scheme: str, skip_lazy: bool = False) -> Any:
        path = self._schemes[scheme]
        try:
            handler_class = load_object(path)
            if skip_lazy and _is_lazy(handler_class):
                return None
            handler = build_from_crawler(handler_class, self._crawler)
        except NotConfigured as problem:
            self._notconfigured[scheme] = str(problem)
            return None
        except Exception as problem:
            logger.exception(
                'Loading "%(clspath)s" for scheme "%(scheme)s"',
                {"clspath": path, "scheme": scheme},
                extra={"crawler": self._crawler},
            )
            self._notconfigured[scheme] = str(problem)
            return None
        self._handlers[scheme] = handler
        return handler

    def download_request_async(self, request: Request) -> Coroutine[Any, Any, Response]:
        """The response to it, to be awaited. Raises NotSupported for a scheme that nobody handles."""
        scheme = request.url.partition(":")[0].lower()
        handler = self._handlers.get(scheme) or self._get_handler(scheme)
        if handler is None:
            raise NotSupported(f"Unsupported URL scheme '{scheme}': {self._notconfigured[scheme]}")
        answer: Coroutine[Any, Any, Response] = _call(handler, request, self._crawler.spider)
        return answer

    async def _close(self) -> None:
        for handler in self._handlers.values():
            if hasattr(handler, "close"):
                await settle(handler.close())


def _call(handler: Any, request: Request, spider: Any) -> Any:
    """Handlers of old take the spider, too; some of them return a Deferred."""
    takes_spider = getattr(handler, "_shoal_takes_spider", None)
    if takes_spider is None:
        takes_spider = _takes_spider(handler)
    answer = handler.download_request(request, spider) if takes_spider else handler.download_request(request)
    return settle(answer) if hasattr(answer, "asFuture") else answer


def _takes_spider(handler: Any) -> bool:
    method = handler.download_request
    code = getattr(method, "__code__", None)
    takes = code is not None and "spider" in code.co_varnames[: code.co_argcount]
    try:
        handler._shoal_takes_spider = takes
    except AttributeError:
        return takes
    return takes


def _is_lazy(handler_class: Any) -> bool:
    if not hasattr(handler_class, "lazy"):
        warnings.warn(
            f"{handler_class.__qualname__} doesn't define a 'lazy' attribute. It is taken to be lazy for now; "
            "say which it is: `lazy = True` or `lazy = False`.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
    lazy: bool = getattr(handler_class, "lazy", True)
    return lazy
