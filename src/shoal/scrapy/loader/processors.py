"""scrapy.loader.processors, which moved to itemloaders in Scrapy 2.3."""

from __future__ import annotations

from itemloaders.processors import Compose, Identity, Join, MapCompose, SelectJmes, TakeFirst

__all__ = ["Compose", "Identity", "Join", "MapCompose", "SelectJmes", "TakeFirst"]
