"""Watches how much memory the process has taken: warns at MEMUSAGE_WARNING_MB, ends the crawl at MEMUSAGE_LIMIT_MB.

The one rule: what is measured is the greatest size so far (`ru_maxrss`), which never shrinks.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.looping import begin, create_looping_call

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.extensions.memusage")

_MB = 1024 * 1024


class MemoryUsage:
    """Looks every MEMUSAGE_CHECK_INTERVAL_SECONDS. Raises NotConfigured when it is off or cannot be measured."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("MEMUSAGE_ENABLED"):
            raise NotConfigured
        try:
            # Not there on Windows.
            self.resource: Any = import_module("resource")
        except ImportError:
            raise NotConfigured from None
        self.crawler = crawler
        self.warned = False
        self.limit: int = settings.getint("MEMUSAGE_LIMIT_MB") * _MB
        self.warning: int = settings.getint("MEMUSAGE_WARNING_MB") * _MB
        self.check_interval: float = settings.getfloat("MEMUSAGE_CHECK_INTERVAL_SECONDS")
        self.tasks: list[Any] = []
        crawler.signals.connect(self.engine_started, signal=signals.engine_started)
        crawler.signals.connect(self.engine_stopped, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler."""
        return cls(crawler)

    def get_virtual_size(self) -> int:
        """The greatest size of the process so far, bytes."""
        size: int = self.resource.getrusage(self.resource.RUSAGE_SELF).ru_maxrss
        # macOS counts bytes, the others KiB.
        return size if sys.platform == "darwin" else size * 1024

    def engine_started(self) -> None:
        """Begin to look."""
        self.crawler.stats.set_value("memusage/startup", self.get_virtual_size())
        for wanted, look in ((True, self.update), (self.limit, self._check_limit), (self.warning, self._check_warning)):
            if wanted:
                task = create_looping_call(look)
                self.tasks.append(task)
                task.start(self.check_interval, now=True)

    def engine_stopped(self) -> None:
        """Look no more."""
        for task in self.tasks:
            if task.running:
                task.stop()

    def update(self) -> None:
        """Note the size among the statistics."""
        self.crawler.stats.max_value("memusage/max", self.get_virtual_size())

    def _check_limit(self) -> None:
        size = self.get_virtual_size()
        if size <= self.limit:
            self._tell(logging.INFO, "Peak memory usage is %(memusage)dMiB", size)
            return
        self.crawler.stats.set_value("memusage/limit_reached", 1)
        self._tell(logging.ERROR, "Memory usage exceeded %(memusage)dMiB. Shutting down Scrapy...", self.limit)
        self.engine_stopped()
        if self.crawler.engine.spider is not None:
            begin(self.crawler.engine.close_spider_async(reason="memusage_exceeded"))
        else:
            begin(self.crawler.stop_async())

    def _check_warning(self) -> None:
        if self.warned or self.get_virtual_size() <= self.warning:
            return
        self.warned = True
        self.crawler.stats.set_value("memusage/warning_reached", 1)
        self._tell(logging.WARNING, "Memory usage reached %(memusage)dMiB", self.warning)
        self.crawler.signals.send_catch_log(signal=signals.memusage_warning_reached)

    def _tell(self, level: int, message: str, size: int) -> None:
        logger.log(level, message, {"memusage": size // _MB}, extra={"crawler": self.crawler})
