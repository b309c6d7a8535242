"""Responses that need no network: `file:` and `data:` URLs.

The one rule: only what the request itself names is read. Which requests may name files is decided above.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from shoal.crawl.response_class import response_types

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response


class LocalHandler:
    """What the handlers here have in common: they are cheap, and need nothing to be closed."""

    lazy = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003
        """A handler needs nothing from the crawler."""
        return cls()

    async def close(self) -> None:
        """Nothing is open."""


class FileDownloadHandler(LocalHandler):
    """`file:///path`: the file's contents. Raises the OSError of reading it."""

    async def download_request(self, request: Request) -> Response:
        """Read the file in a thread, so that a slow disk stops nobody."""
        from w3lib.url import file_uri_to_path  # dear to import, and every crawl has this handler

        path = file_uri_to_path(request.url)
        body = await asyncio.to_thread(Path(path).read_bytes)
        return response_types.from_args(filename=path, body=body)(url=request.url, body=body)


class DataURIDownloadHandler(LocalHandler):
    """`data:type;charset=x,contents` (RFC 2397): what the URL itself holds."""

    async def download_request(self, request: Request) -> Response:
        """Decode the URL. Raises ValueError for one that is none."""
        from w3lib.url import parse_data_uri

        uri = parse_data_uri(request.url)
        response_class = response_types.from_mimetype(uri.media_type)
        encoding = uri.media_type_parameters.get("charset")
        if uri.media_type.split("/")[0] == "text" and encoding:
            return response_class(url=request.url, body=uri.data, encoding=encoding)  # type: ignore[call-arg]
        return response_class(url=request.url, body=uri.data)
