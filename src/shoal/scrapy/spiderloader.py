"""Finds the spiders of a project."""

import shoal.crawl.spiderloader as _home
from shoal.crawl.spiderloader import (
    DummySpiderLoader,
    SpiderLoader,
    SpiderLoaderProtocol,
    get_spider_loader,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "DummySpiderLoader",
    "SpiderLoader",
    "SpiderLoaderProtocol",
    "get_spider_loader",
]

mirror(__name__, _home)
