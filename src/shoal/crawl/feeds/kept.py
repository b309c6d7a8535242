"""The feeds of a job, which a run after this one goes on with.

The one rule: items of a page reach a feed when the page is done, and the job's file says how long the feed was then.
What a killed run wrote behind that is cut off, because its pages are fetched again.

A file of lines (JSON lines, CSV) is continued in place. What cannot be continued (JSON, XML, Parquet, compressed or
remote files, batches) is kept as items in the job's directory, and the whole document is written from them: when the
job is finished and, where it replaces what is there (`overwrite`), also when it is paused. Standard output gets its
items and cannot take them back.
"""

from __future__ import annotations

import csv
import logging
from hashlib import sha1
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from shoal.crawl.feeds.slot import FeedSlot
from shoal.crawl.feeds.storages import FileFeedStorage, StdoutFeedStorage
from shoal.crawl.plain_data import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoal.crawl.job import Job

logger = logging.getLogger("scrapy.extensions.feedexport")

_LINES = ("jsonlines", "jsonl", "jl", "csv")


class ContinuedFile(FileFeedStorage):
    """A file of lines that is written in place, from `length` bytes on; None: from its end, or anew."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any], length: int | None) -> None:
        super().__init__(uri, feed_options={**feed_options, "atomic": False})
        self._length = length

    def open(self, spider: Any) -> IO[bytes]:
        """The file; what stands behind the length is cut off."""
        if self._length is None:
            return super().open(spider)
        target = Path(self.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        file = cast("IO[bytes]", target.open("ab"))
        if file.tell() < self._length:
            logger.error(
                "%s is shorter than when the job was left (%d bytes instead of %d): what is missing is not written "
                "again",
                target,
                file.tell(),
                self._length,
            )
        file.truncate(min(self._length, file.tell()))
        file.seek(0, 2)
        return file


class KeptFeeds:
    """The feeds of a job. `new_slot(template, options, storage)` makes a slot; without a storage, the feed's own."""

    def __init__(self, job: Job, feeds: dict[str, dict[str, Any]], new_slot: Callable[..., FeedSlot]) -> None:
        self._job = job
        self._feeds = feeds
        self._known: dict[str, Any] = job.file.state.get("feeds", {})
        self._new_slot = new_slot
        self._spools: dict[str, tuple[FeedSlot, IO[bytes]]] = {}
        self.slots = [slot for template, options in feeds.items() if (slot := self._open(template, options))]
        job.measured = self._measured
        # How long the files were before the first item is known before there is one.
        job.commit()

    def _open(self, template: str, options: dict[str, Any]) -> FeedSlot | None:
        """The slot of a feed that is written along the way, None for one that is written at the end."""
        slot = self._new_slot(template, options)
        if isinstance(slot.storage, StdoutFeedStorage):
            return slot
        known = self._known.get(template, {})
        if not _goes_on(slot):
            self._spools[template] = (slot, self._open_spool(template, known.get("length", 0)))
            return None
        uri, length = known.get("uri", slot.uri), known.get("length")
        storage = ContinuedFile(uri, feed_options=options, length=length)
        slot = self._new_slot(template, _with_columns(options, storage.path, length), storage, uri)
        slot.start_exporting()
        return slot

    def _spool_of(self, template: str) -> Path:
        return Path(self._job.folder, f"feed-{sha1(template.encode(), usedforsecurity=False).hexdigest()[:12]}.items")

    def _open_spool(self, template: str, length: int) -> IO[bytes]:
        file = self._spool_of(template).open("ab")
        file.truncate(min(length, file.tell()))
        file.seek(0, 2)
        return file

    def _measured(self) -> dict[str, Any]:
        """How long everything is, which is on disk by now."""
        lengths = dict(self._known)
        for slot in self.slots:
            if slot.file is not None and isinstance(slot.storage, ContinuedFile):
                lengths[slot.uri_template] = {"uri": slot.uri, "length": _flushed(slot.file)}
        for template, (_, file) in self._spools.items():
            lengths[template] = {"length": _flushed(file)}
        return lengths

    def keep(self, item: Any) -> None:
        """Keep an item for the feeds that are written at the end. Raises TypeError for one that is not data."""
        takers = [file for slot, file in self._spools.values() if slot.filter.accepts(item)]
        if takers:
            line = dumps(item).encode() + b"\n"
            for file in takers:
                file.write(line)

    def at_the_end(self) -> Iterator[tuple[FeedSlot, Iterator[Any]]]:
        """The feeds that are to be written now, and their items."""
        for template, (slot, file) in self._spools.items():
            file.close()
            if self._job.is_finished or slot.feed_options.get("overwrite"):
                yield slot, _items_in(self._spool_of(template))
            else:
                logger.info("%s is written when the job is finished; its items are kept in %s", slot.uri, file.name)

    def forget(self, failed: bool) -> None:
        """All is stored, unless something has `failed`: what is kept of a finished job is of no more use."""
        if self._job.is_finished and not failed:
            for spool in Path(self._job.folder).glob("feed-*.items"):
                spool.unlink()


def _goes_on(slot: FeedSlot) -> bool:
    """Whether the feed's file can be continued in place."""
    options = slot.feed_options
    return (
        type(slot.storage) is FileFeedStorage
        and options["format"] in _LINES
        and not options.get("postprocessing")
        and not options["batch_item_count"]
    )


def _with_columns(options: dict[str, Any], path: str, length: int | None) -> dict[str, Any]:
    """The options for going on with a file: a table that has its line of names does not get another."""
    if options["format"] != "csv" or not length:
        return options
    more: dict[str, Any] = {**options["item_export_kwargs"], "include_headers_line": False}
    columns = options["fields"]
    if not columns and options["item_export_kwargs"].get("include_headers_line", True):
        with Path(path).open(encoding=options["encoding"] or "utf-8", newline="") as file:
            columns = next(csv.reader(file, delimiter=more.get("delimiter", ",")), None)
    return {**options, "fields": columns, "item_export_kwargs": more}


def _flushed(file: IO[bytes]) -> int:
    file.flush()
    return file.tell()


def _items_in(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield loads(line)
