"""How long and how large a download may be, and what is said when it is more.

The one rule: the limits of a request are those of its meta, else those of the settings; 0 means none. Seconds and
bytes.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import DownloadCancelledError

if TYPE_CHECKING:
    from shoal.crawl.request import Request
    from shoal.crawl.settings import BaseSettings

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.downloader.handlers")

# The keys of a request's meta that change a limit, beside "download_timeout", which nearly every request has.
_SELDOM = frozenset({"download_maxsize", "download_warnsize", "download_fail_on_dataloss"})


class Limits:
    """`timeout` for all of a download, `maxsize` and `warnsize` of its body, and whether a cut body is a failure."""

    __slots__ = ("fail_on_dataloss", "maxsize", "timeout", "warnsize")

    def __init__(self, timeout: float, maxsize: int, warnsize: int, fail_on_dataloss: bool) -> None:
        self.timeout = timeout
        self.maxsize = maxsize
        self.warnsize = warnsize
        self.fail_on_dataloss = fail_on_dataloss

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Limits:
        """The limits of requests that name none."""
        return cls(
            settings.getfloat("DOWNLOAD_TIMEOUT"),
            settings.getint("DOWNLOAD_MAXSIZE"),
            settings.getint("DOWNLOAD_WARNSIZE"),
            settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS"),
        )

    def of(self, meta: dict[str, Any] | None) -> Limits:
        """The limits of a request with this meta."""
        if not meta:
            return self
        timeout = meta.get("download_timeout") or self.timeout
        if timeout == self.timeout and _SELDOM.isdisjoint(meta):
            return self
        return Limits(
            float(timeout),
            int(meta.get("download_maxsize", self.maxsize) or 0),
            int(meta.get("download_warnsize", self.warnsize) or 0),
            bool(meta.get("download_fail_on_dataloss", self.fail_on_dataloss)),
        )

    def warn(self, said: str, size: int, request: Request) -> None:
        """Say that a body is larger than `warnsize`; `said` is "Received" or "Expected to receive"."""
        logger.warning(f"{said} {size} bytes which is larger than download warn size ({self.warnsize}) in {request}.")

    def too_large(self, said: str, size: int, request: Request) -> DownloadCancelledError:
        """The error for a body that is over the limit; it is logged, too."""
        text = f"{said} {size} bytes which is larger than download max size ({self.maxsize}) in request {request}."
        logger.warning(text)
        return DownloadCancelledError(text)

    def timed_out(self, request: Request) -> str:
        """What is said of a download that took too long."""
        return f"Getting {request.url} took too long; the limit in all is {self.timeout} seconds."
