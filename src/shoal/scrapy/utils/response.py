"""Scrapy's `scrapy.utils.response`."""

from shoal.crawl.page import base_url as get_base_url
from shoal.crawl.page import meta_refresh as get_meta_refresh
from shoal.crawl.page import open_in_browser
from shoal.crawl.page import status_message as response_status_message
from shoal.crawl.response_class import response_from_dict

__all__ = ["get_base_url", "get_meta_refresh", "open_in_browser", "response_from_dict", "response_status_message"]
