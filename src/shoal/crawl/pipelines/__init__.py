"""Item pipelines: what is done with every item, and the pipelines that fetch the files an item points at.

The one rule: a pipeline sees one item at a time, and hands on the item or drops it by raising DropItem.
"""

from __future__ import annotations

from shoal.crawl.pipelines.chain import ItemPipelineManager

__all__ = ["ItemPipelineManager"]
