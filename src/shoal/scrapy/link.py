"""scrapy.link: a link as a value."""

from __future__ import annotations

from shoal.crawl.link import Link

__all__ = ["Link"]
