"""Statistics in the log as JSON, every LOGSTATS_INTERVAL seconds: as they are, as what was added, and the time.

The one rule: PERIODIC_LOG_STATS and PERIODIC_LOG_DELTA are True, or say by parts of names what is in and what is out.
"""

from __future__ import annotations

import logging
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import NotConfigured, ScrapyDeprecationWarning
from shoal.crawl.looping import create_looping_call
from shoal.crawl.serialize import ScrapyJSONEncoder

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.looping import AsyncioLoopingCall
    from shoal.crawl.settings import BaseSettings
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.extensions.periodic_log")


class PeriodicLog:
    """One JSON object in the log for each interval, and one at the end."""

    def __init__(
        self,
        stats: StatsCollector,
        interval: float = 60.0,
        ext_stats: dict[str, Any] | None = None,
        ext_delta: dict[str, Any] | None = None,
        ext_timing_enabled: bool = False,
    ) -> None:
        self.stats = stats
        self.interval = interval
        self._multiplier = 60.0 / interval
        self.task: AsyncioLoopingCall | None = None
        self.encoder = ScrapyJSONEncoder(sort_keys=True, indent=4)
        self.ext_stats = ext_stats or {}
        self.ext_delta = ext_delta or {}
        self.ext_timing_enabled = ext_timing_enabled
        self.delta_prev: dict[str, float] = {}
        self.start_time = self.time_prev = datetime.now(tz=UTC)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler. Raises NotConfigured without an interval, and when nothing is to be logged."""
        settings = crawler.settings
        interval = settings.getfloat("LOGSTATS_INTERVAL")
        wanted = _choice(settings, "PERIODIC_LOG_STATS"), _choice(settings, "PERIODIC_LOG_DELTA")
        timing = settings.getbool("PERIODIC_LOG_TIMING_ENABLED")
        if not interval or not (any(wanted) or timing):
            raise NotConfigured
        extension = cls(crawler.stats, interval, *wanted, timing)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    @property
    def multiplier(self) -> float:
        """Intervals in a minute; nobody needs it."""
        _warn_about_multiplier()
        return self._multiplier

    @multiplier.setter
    def multiplier(self, value: float) -> None:
        _warn_about_multiplier()
        self._multiplier = value

    def spider_opened(self, spider: Spider) -> None:  # noqa: ARG002
        """The first object comes at once."""
        self.start_time = self.time_prev = datetime.now(tz=UTC)
        self.delta_prev = {}
        self.task = create_looping_call(self.log)
        self.task.start(self.interval)

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002
        """The last object."""
        self.log()
        if self.task is not None and self.task.running:
            self.task.stop()

    def log(self) -> None:
        """Write one object."""
        data: dict[str, Any] = {}
        if self.ext_timing_enabled:
            data.update(self.log_timing())
        if self.ext_delta:
            data.update(self.log_delta())
        if self.ext_stats:
            data.update(self.log_crawler_stats())
        logger.info(self.encoder.encode(data))

    def log_timing(self) -> dict[str, Any]:
        """When it is, and how long since the beginning and since the last object; seconds."""
        now = datetime.now(tz=UTC)
        since_last, self.time_prev = now - self.time_prev, now
        return {
            "time": {
                "log_interval": self.interval,
                "start_time": self.start_time,
                "utcnow": now,
                "log_interval_real": since_last.total_seconds(),
                "elapsed": (now - self.start_time).total_seconds(),
            }
        }

    def log_delta(self) -> dict[str, Any]:
        """What was added to each number since the last time."""
        numbers = {
            name: value
            for name, value in self.stats.get_stats().items()
            if isinstance(value, (int, float)) and _is_wanted(name, self.ext_delta)
        }
        added = {name: value - self.delta_prev.get(name, 0) for name, value in numbers.items()}
        self.delta_prev = numbers
        return {"delta": added}

    def log_crawler_stats(self) -> dict[str, Any]:
        """The statistics as they are."""
        stats = self.stats.get_stats()
        return {"stats": {name: value for name, value in stats.items() if _is_wanted(name, self.ext_stats)}}


def _choice(settings: BaseSettings, name: str) -> dict[str, Any]:
    """The setting as a dict: {} is nothing, {"enabled": True} everything."""
    try:
        return settings.getdict(name)
    except (TypeError, ValueError):
        return {"enabled": True} if settings.getbool(name) else {}


def _is_wanted(name: str, choice: dict[str, Any]) -> bool:
    include, exclude = choice.get("include", ()), choice.get("exclude", ())
    if any(part in name for part in exclude):
        return False
    return not include or any(part in name for part in include)


def _warn_about_multiplier() -> None:
    warnings.warn("PeriodicLog.multiplier is deprecated.", ScrapyDeprecationWarning, stacklevel=3)
