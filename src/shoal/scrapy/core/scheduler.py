"""scrapy.core.scheduler."""

from __future__ import annotations

from shoal.crawl.scheduler import Scheduler
from shoal.crawl.scheduler_base import BaseScheduler

__all__ = ["BaseScheduler", "Scheduler"]
