"""Scrapy's `scrapy.utils._compression`."""

from shoal.crawl.decompress import CHUNK_SIZE as _CHUNK_SIZE
from shoal.crawl.gunzip import DecompressedTooLargeError as _DecompressionMaxSizeExceeded

__all__ = ["_CHUNK_SIZE", "_DecompressionMaxSizeExceeded"]
