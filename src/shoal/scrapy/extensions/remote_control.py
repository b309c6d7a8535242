"""Scrapy's remote control of running crawls, which Shoal does not have. Settings that name it do no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.exceptions import NotConfigured

if TYPE_CHECKING:
    from typing import NoReturn

    from shoal.crawl.crawler import Crawler

__all__ = ["RemoteControl"]


class RemoteControl:
    """Never there: building one says so where REMOTE_CONTROL_ENABLED asks for it."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NoReturn:
        """Raises NotConfigured."""
        if crawler.settings.getbool("REMOTE_CONTROL_ENABLED"):
            raise NotConfigured("Shoal has no remote control of crawls")
        raise NotConfigured
