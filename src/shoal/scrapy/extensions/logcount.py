"""Counts the log lines of a crawl by level."""

from shoal.crawl.extensions.logcount import LogCount

__all__ = ["LogCount"]
