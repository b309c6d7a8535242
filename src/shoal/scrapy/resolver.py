"""Addresses of hosts, under Scrapy's module name."""

from shoal.crawl.download.resolved import dnscache

__all__ = ["dnscache"]
