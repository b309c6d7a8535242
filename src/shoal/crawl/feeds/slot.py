"""One file of a feed while it is being written: which items go into it, and when it begins and ends.

The one rule: the file is opened when the first item comes, or at the end when empty feeds are wanted, too.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from shoal.crawl.components import build_from_crawler, load_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.feeds.postprocessing import PostProcessingManager
    from shoal.crawl.spider import Spider


class ItemFilter:
    """Which items a feed takes: those of its `item_classes` (classes or paths), or all when there are none.

    A filter of a project is a class with the same two methods, named by the feed option `item_filter`.
    """

    feed_options: dict[str, Any] | None
    item_classes: tuple[type, ...]

    def __init__(self, feed_options: dict[str, Any] | None) -> None:
        self.feed_options = feed_options
        classes = (feed_options or {}).get("item_classes") or ()
        self.item_classes = tuple(load_object(cls) for cls in classes)

    def accepts(self, item: Any) -> bool:
        """Whether the item goes into the feed."""
        return not self.item_classes or isinstance(item, self.item_classes)


class FeedSlot:
    """One file of a feed. `file` and `exporter` exist from `start_exporting` on."""

    def __init__(
        self,
        storage: Any,
        uri: str,
        *,
        uri_template: str,
        batch_id: int,
        item_filter: Any,
        exporter_class: Any,
        feed_options: dict[str, Any],
        spider: Spider,
        crawler: Crawler,
    ) -> None:
        self.storage = storage
        self.uri = uri
        self.uri_template = uri_template
        self.batch_id = batch_id
        self.filter = item_filter
        self.feed_options = feed_options
        self.format: str = feed_options["format"]
        self.store_empty: bool = feed_options["store_empty"]
        self.itemcount = 0
        self.file: IO[bytes] | None = None
        self.exporter: Any = None
        self.crawler = crawler
        self._exporter_class = exporter_class
        self._spider = spider
        self._processed: PostProcessingManager | None = None
        self._exporting = False

    @property
    def begun(self) -> bool:
        """Whether there is a file to store."""
        return self.file is not None

    def export(self, item: Any) -> None:
        """Write one item. What the exporter raises is passed on; the file stays fit for the next item."""
        if not self._exporting:
            self.start_exporting()
        self.exporter.export_item(item)
        self.itemcount += 1

    def start_exporting(self) -> None:
        """Open the file, and write what stands before the items."""
        if self.file is None:
            self.file = self.storage.open(self._spider)
            self.exporter = self._build_exporter(self.file)
        if not self._exporting:
            self.exporter.start_exporting()
            self._exporting = True

    def _build_exporter(self, file: IO[bytes]) -> Any:
        options = self.feed_options
        target: Any = file
        if options.get("postprocessing"):
            from shoal.crawl.feeds.postprocessing import PostProcessingManager

            target = self._processed = PostProcessingManager(options["postprocessing"], file, options)
        return build_from_crawler(self._exporter_class, self.crawler, target, **_export_options(options))

    def finish_exporting(self) -> None:
        """Write what stands after the items, and what compression holds back."""
        if self._exporting:
            self.exporter.finish_exporting()
            if self._processed is not None:
                self._processed.close()
            self._exporting = False

    def give_up(self) -> None:
        """Close the file, which cannot be stored; what is written of it stays beside the name it should have had."""
        if self.file is not None:
            self.file.close()


def _export_options(options: Mapping[str, Any]) -> dict[str, Any]:
    safe = {"spreadsheet_safe": True} if options.get("csv_safe") and options["format"] == "csv" else {}
    return {
        "fields_to_export": options["fields"],
        "encoding": options["encoding"],
        "indent": options["indent"],
        **safe,
        **options["item_export_kwargs"],
    }
