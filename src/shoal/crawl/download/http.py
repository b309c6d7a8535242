"""The handler for http: and https: that a crawl has when its settings name none.

The one rule: libcurl where it is installed, else aiohttp; both keep the same promises.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import NotConfigured

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler


class HTTP11DownloadHandler:
    """Stands for the best handler there is, under the name that settings of Scrapy projects know."""

    lazy = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        """The handler itself. Raises NotConfigured where neither library is installed."""
        return best_handler().from_crawler(crawler)


def best_handler() -> Any:
    """The class of the best handler whose library is installed. Raises NotConfigured where there is none."""
    if find_spec("pycurl") is not None:
        from shoal.crawl.download.curl import CurlDownloadHandler

        return CurlDownloadHandler
    if find_spec("aiohttp") is not None:
        from shoal.crawl.download.aio import AiohttpDownloadHandler

        return AiohttpDownloadHandler
    raise NotConfigured("neither pycurl nor aiohttp is installed; `pip install shoal[crawl]` brings the first")
