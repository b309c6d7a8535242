"""Scrapy's `scrapy.responsetypes`."""

from shoal.crawl.response_class import ResponseTypes
from shoal.crawl.response_class import response_types as responsetypes

__all__ = ["ResponseTypes", "responsetypes"]
