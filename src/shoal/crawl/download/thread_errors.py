"""What the exceptions of `requests` mean, as those that spiders know.

The one rule: an error names the URL; what is not listed is a failed download.
"""

from __future__ import annotations

import errno
import http.client
import socket
from typing import TYPE_CHECKING

import requests
import urllib3

from shoal.crawl.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoal.crawl.download.limits import Limits
    from shoal.crawl.request import Request

# urllib3 counts a connection that could not be made among them.
_TIME_OUTS = (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError)


def error_for(problem: BaseException, request: Request, limits: Limits) -> Exception:
    """The exception for a download that ended with `problem`, by what is at the bottom of it."""
    kind: type[Exception] = DownloadFailedError
    for cause in _causes(problem):
        if isinstance(cause, _TIME_OUTS) and not isinstance(cause, urllib3.exceptions.NewConnectionError):
            return DownloadTimeoutError(limits.timed_out(request))
        kind = _kind(cause) or kind
    return kind(f"{request.url}: {problem}")


def _kind(cause: BaseException) -> type[Exception] | None:
    if isinstance(cause, requests.exceptions.InvalidSchema):
        return UnsupportedURLSchemeError
    if isinstance(cause, socket.gaierror):
        return CannotResolveHostError
    if isinstance(cause, http.client.RemoteDisconnected):
        return ResponseDataLossError
    if isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED:
        return DownloadConnectionRefusedError
    return None


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The exception, what it was raised for, and so on; never round in a circle."""
    seen: set[int] = set()
    current: BaseException | None = problem
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
