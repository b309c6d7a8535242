"""The statistics every crawl has."""

from datetime import datetime
from time import monotonic

import shoal.crawl.extensions.corestats as _home
from shoal.crawl.extensions.corestats import CoreStats
from shoal.scrapy._mirror import mirror

__all__ = ["CoreStats", "datetime", "monotonic"]

mirror(__name__, _home)
