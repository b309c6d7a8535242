"""Item pipelines."""

import shoal.crawl.pipelines.chain as _home
from shoal.crawl.pipelines.chain import ItemPipelineManager
from shoal.scrapy._mirror import mirror

__all__ = ["ItemPipelineManager"]

mirror(__name__, _home)
