"""What the error codes of libcurl mean, as the exceptions that spiders know.

The one rule: an error names the URL; a code that is not listed is a failed download.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pycurl

from shoal.crawl.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

if TYPE_CHECKING:
    from shoal.crawl.download.limits import Limits
    from shoal.crawl.request import Request

# pycurl has no name for it: a SOCKS proxy refused (CURLE_PROXY).
_PROXY = 97
# Errors of HTTP/2, of the connection and of a stream (CURLE_HTTP2_STREAM); some come as errors of receiving.
HTTP2_CODES = (pycurl.E_HTTP2, 92, pycurl.E_RECV_ERROR)
_KINDS: dict[int, type[Exception]] = {
    pycurl.E_UNSUPPORTED_PROTOCOL: UnsupportedURLSchemeError,
    pycurl.E_COULDNT_RESOLVE_HOST: CannotResolveHostError,
    pycurl.E_COULDNT_RESOLVE_PROXY: CannotResolveHostError,
    pycurl.E_COULDNT_CONNECT: DownloadConnectionRefusedError,
    _PROXY: DownloadConnectionRefusedError,
    pycurl.E_ABORTED_BY_CALLBACK: DownloadCancelledError,
    pycurl.E_PARTIAL_FILE: ResponseDataLossError,
    pycurl.E_GOT_NOTHING: ResponseDataLossError,
}


def error_for(code: int, text: str, request: Request, limits: Limits) -> Exception:
    """The exception for a transfer that ended with `code`; `text` is what libcurl says of it."""
    if code == pycurl.E_OPERATION_TIMEDOUT:
        # libcurl's text tells which of the limits it was.
        return DownloadTimeoutError(
            f"{limits.timed_out(request)} ({text})" if limits.timeout else f"{request.url}: {text}"
        )
    if code == pycurl.E_UNSUPPORTED_PROTOCOL and request.url.startswith("http"):
        # An answer that is no HTTP counts as HTTP/0.9, which libcurl does not speak any more.
        code = pycurl.E_RECV_ERROR
    return _KINDS.get(code, DownloadFailedError)(f"{request.url}: {text or 'the download failed'}")
