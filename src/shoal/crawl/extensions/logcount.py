"""Counts the log lines of a crawl by level."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider


class LogCounterHandler(logging.Handler):
    """Counts the lines of each level in the crawl's statistics."""

    def __init__(self, crawler: Crawler, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.crawler = crawler

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line."""
        self.crawler.stats.inc_value(f"log_count/{record.levelname}")


class LogCount:
    """Listens to the root logger from the beginning of the crawl to its end."""

    def __init__(self) -> None:
        self.handler: LogCounterHandler | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One that is connected to the crawler's signals."""
        extension = cls()
        extension.handler = LogCounterHandler(crawler, level=crawler.settings.get("LOG_LEVEL"))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:  # noqa: ARG002
        """Begin to count."""
        if self.handler is not None:
            logging.root.addHandler(self.handler)

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002
        """Count no more."""
        if self.handler is not None:
            logging.root.removeHandler(self.handler)
            self.handler = None
