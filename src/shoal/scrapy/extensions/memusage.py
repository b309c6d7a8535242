"""Watches how much memory the process has taken."""

from shoal.crawl.extensions import memusage as _home
from shoal.crawl.extensions.memusage import MemoryUsage
from shoal.crawl.looping import create_looping_call
from shoal.scrapy._mirror import mirror

__all__ = ["MemoryUsage", "create_looping_call"]

mirror(__name__, _home)
