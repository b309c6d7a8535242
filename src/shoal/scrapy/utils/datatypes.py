"""Scrapy's `scrapy.utils.datatypes`."""

from shoal.crawl.mappings import CaseInsensitiveDict, LocalCache, LocalWeakReferencedCache, SequenceExclude

__all__ = ["CaseInsensitiveDict", "LocalCache", "LocalWeakReferencedCache", "SequenceExclude"]
