"""scrapy.spiders.init: a spider that does something first, which Scrapy dropped in 2.16."""

from __future__ import annotations

from shoal.crawl.spiders.first import InitSpider

__all__ = ["InitSpider"]
