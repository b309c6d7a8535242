"""`http:` and `https:` URLs for settings that name this handler; libcurl does what they want of it."""

from __future__ import annotations

from typing import Any

from shoal.crawl.download.curl import CurlDownloadHandler

__all__ = ["HttpxDownloadHandler"]

HAS_HTTP2 = True
HAS_SOCKS = True
# The library itself is not used.
httpx: Any = None


class HttpxDownloadHandler(CurlDownloadHandler):
    """Speaks HTTP/2 where HTTPX_HTTP2_ENABLED says so."""

    http2_name = "HTTP/2"

    def _wants_http2(self, settings: Any) -> bool:
        wanted: bool = settings.getbool("HTTPX_HTTP2_ENABLED")
        return wanted
