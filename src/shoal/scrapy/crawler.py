"""Crawls and the programs that run them."""

import shoal.crawl.crawler as _crawler
import shoal.crawl.runner as _runner
from shoal.crawl.crawler import Crawler
from shoal.crawl.process import AsyncCrawlerProcess, CrawlerProcess
from shoal.crawl.runner import AsyncCrawlerRunner, CrawlerRunner, CrawlerRunnerBase
from shoal.scrapy._mirror import mirror

__all__ = [
    "AsyncCrawlerProcess",
    "AsyncCrawlerRunner",
    "Crawler",
    "CrawlerProcess",
    "CrawlerRunner",
    "CrawlerRunnerBase",
]

mirror(__name__, _crawler, _runner)
