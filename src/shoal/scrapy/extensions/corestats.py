"""The statistics every crawl has."""

import shoal.crawl.extensions.corestats as _home
from shoal.crawl.extensions.corestats import CoreStats, datetime, monotonic
from shoal.scrapy._mirror import mirror

__all__ = ["CoreStats", "datetime", "monotonic"]

mirror(__name__, _home)
