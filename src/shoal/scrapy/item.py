"""scrapy.item: items with declared fields."""

from __future__ import annotations

from shoal.crawl.item import Field, Item, ItemMeta

__all__ = ["BaseItem", "DictItem", "Field", "Item", "ItemMeta"]

# Names that Scrapy dropped in 2.6, and that item classes and isinstance checks in old projects use.
BaseItem = Item
DictItem = Item
