"""Pages and items a minute, in the log."""

from shoal.crawl.extensions import logstats as _home
from shoal.crawl.extensions.logstats import LogStats
from shoal.crawl.looping import create_looping_call
from shoal.scrapy._mirror import mirror

__all__ = ["LogStats", "create_looping_call"]

mirror(__name__, _home)
