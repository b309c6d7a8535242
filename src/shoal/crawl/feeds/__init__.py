"""Feeds: the items of a crawl written to files, at the end of the pipelines.

The one rule: a feed that was asked for appears whole under its name, or an error says why it does not.
"""

from __future__ import annotations

from shoal.crawl.feeds.exporter import FeedExporter
from shoal.crawl.feeds.slot import FeedSlot, ItemFilter

__all__ = ["FeedExporter", "FeedSlot", "ItemFilter"]
