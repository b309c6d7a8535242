"""The images pipeline."""

import shoal.crawl.pipelines.images as _home
from shoal.crawl.pipelines.images import ImageException, ImagesPipeline
from shoal.scrapy._mirror import mirror

__all__ = ["ImageException", "ImagesPipeline"]

mirror(__name__, _home)
