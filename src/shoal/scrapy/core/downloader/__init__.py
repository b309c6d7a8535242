"""The downloader, under Scrapy's module names."""

from shoal.crawl.download.downloader import Downloader
from shoal.crawl.download.slot import Slot

__all__ = ["Downloader", "Slot"]
