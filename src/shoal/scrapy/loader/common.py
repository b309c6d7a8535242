"""scrapy.loader.common, which moved to itemloaders in Scrapy 2.3."""

from __future__ import annotations

from itemloaders.common import wrap_loader_context

__all__ = ["wrap_loader_context"]
