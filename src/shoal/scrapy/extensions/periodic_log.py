"""Statistics in the log, as JSON."""

from shoal.crawl.extensions.periodic_log import PeriodicLog

__all__ = ["PeriodicLog"]
