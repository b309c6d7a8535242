"""Scrapy's `scrapy.utils.serialize`."""

from json import JSONDecoder

from shoal.crawl.serialize import ScrapyJSONEncoder

__all__ = ["ScrapyJSONDecoder", "ScrapyJSONEncoder"]

ScrapyJSONDecoder = JSONDecoder
