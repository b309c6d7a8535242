"""Scrapy's e-mail with statistics, which Shoal does not send. Settings that name it do no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.exceptions import NotConfigured

if TYPE_CHECKING:
    from typing import NoReturn

    from shoal.crawl.crawler import Crawler

__all__ = ["StatsMailer"]


class StatsMailer:
    """Never there: building one says so where STATSMAILER_RCPTS asks for it."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NoReturn:
        """Raises NotConfigured."""
        if crawler.settings.getlist("STATSMAILER_RCPTS"):
            raise NotConfigured("Shoal sends no mail; a handler of spider_closed can send the statistics anywhere")
        raise NotConfigured
