"""scrapy.pqueues: priority queues."""

from __future__ import annotations

from shoal.crawl.pqueues import DownloaderAwarePriorityQueue, ScrapyPriorityQueue, _path_safe

__all__ = ["DownloaderAwarePriorityQueue", "ScrapyPriorityQueue", "_path_safe"]
