"""scrapy.core.scheduler."""

from __future__ import annotations

from shoal.crawl.scheduler import BaseScheduler, Scheduler

__all__ = ["BaseScheduler", "Scheduler"]
