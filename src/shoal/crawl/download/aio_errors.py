"""What the exceptions of aiohttp mean, as those that spiders know.

The one rule: an error names the URL; what is not listed is a failed download.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import aiohttp

from shoal.crawl.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

if TYPE_CHECKING:
    from shoal.crawl.download.limits import Limits
    from shoal.crawl.request import Request

# The first that fits counts: subclasses stand before their bases.
_KINDS: tuple[tuple[type[Exception], type[Exception]], ...] = (
    (aiohttp.ClientConnectorDNSError, CannotResolveHostError),
    (aiohttp.ClientSSLError, DownloadFailedError),
    (aiohttp.ServerDisconnectedError, ResponseDataLossError),
    (aiohttp.NonHttpUrlClientError, UnsupportedURLSchemeError),
    (ConnectionRefusedError, DownloadConnectionRefusedError),
)


def error_for(problem: Exception, request: Request, limits: Limits) -> Exception:
    """The exception for a download that ended with `problem`."""
    if isinstance(problem, TimeoutError):
        return DownloadTimeoutError(f"{limits.timed_out(request)} ({type(problem).__name__})")
    if isinstance(problem, aiohttp.ClientConnectorError) and problem.errno == errno.ECONNREFUSED:
        return DownloadConnectionRefusedError(f"{request.url}: {problem}")
    kind = next((ours for theirs, ours in _KINDS if isinstance(problem, theirs)), DownloadFailedError)
    return kind(f"{request.url}: {problem or type(problem).__name__}")
