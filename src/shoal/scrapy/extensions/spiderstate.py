"""Keeps `spider.state` from one run of a job to the next."""

from shoal.crawl.extensions.spiderstate import SpiderState

__all__ = ["SpiderState"]
