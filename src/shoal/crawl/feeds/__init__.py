"""Feeds: the items of a crawl written to files, at the end of the pipelines.

The one rule: a feed that was asked for appears whole under its name, or an error says why it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.lazily import later

if TYPE_CHECKING:
    from shoal.crawl.feeds.exporter import FeedExporter
    from shoal.crawl.feeds.slot import FeedSlot, ItemFilter

__all__ = ["FeedExporter", "FeedSlot", "ItemFilter"]

__getattr__ = later(
    __name__,
    {
        "FeedExporter": "shoal.crawl.feeds.exporter",
        "FeedSlot": "shoal.crawl.feeds.slot",
        "ItemFilter": "shoal.crawl.feeds.slot",
    },
)
