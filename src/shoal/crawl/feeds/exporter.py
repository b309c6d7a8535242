"""The extension that writes the items of a crawl to the feeds of FEEDS.

The one rule: every file that was begun is finished, stored and accounted for, whatever became of the others.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from shoal.crawl import signals
from shoal.crawl.awaiting import as_awaitable
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.default_homes import HOMES
from shoal.crawl.exceptions import NotConfigured, ScrapyDeprecationWarning
from shoal.crawl.feed_options import complete_feed
from shoal.crawl.feeds.slot import FeedSlot, ItemFilter
from shoal.crawl.feeds.uris import apply_uri_params, tells_batches_apart, uri_params

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.feeds.kept import KeptFeeds
    from shoal.crawl.job import Job
    from shoal.crawl.settings import BaseSettings
    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.extensions.feedexport")


class FeedExporter:
    """Writes items to the feeds. Raises NotConfigured where there are none, or one of them cannot be written."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connected to the signals of the crawl."""
        exporter = cls(crawler)
        crawler.signals.connect(exporter.open_spider, signals.spider_opened)
        crawler.signals.connect(exporter.close_spider, signals.spider_closed)
        crawler.signals.connect(exporter.item_scraped, signals.item_scraped)
        return exporter

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.settings = crawler.settings
        self.feeds = _feeds_of(crawler.settings)
        if not self.feeds:
            raise NotConfigured
        formats = {options["format"] for options in self.feeds.values()}
        self.storages: dict[str, Any] = _load_table(crawler.settings, "FEED_STORAGES", {*map(_scheme, self.feeds)})
        self.exporters: dict[str, Any] = _load_table(crawler.settings, "FEED_EXPORTERS", formats)
        self.filters: dict[str, Any] = {}
        self.slots: list[FeedSlot] = []
        self._storing: set[asyncio.Task[None]] = set()
        # The job that the crawl is kept in, and its feeds; None when it is not kept.
        self._job: Job | None = None
        self._kept: KeptFeeds | None = None
        self._failed = False
        for uri, options in self.feeds.items():
            if not (self._has_storage(uri, options) and self._has_format(options) and _has_names(uri, options)):
                raise NotConfigured
            self.filters[uri] = self._build_filter(options)

    def open_spider(self, spider: Spider) -> None:
        """Begin the first file of every feed. Raises KeyError for a placeholder without a value."""
        self._job = _job_of(self.crawler)
        if self._job is None:
            self.slots += [self._new_slot(spider, template, 1) for template in self.feeds]
            return
        from shoal.crawl.feeds.kept import KeptFeeds

        self._kept = KeptFeeds(self._job, self.feeds, lambda *which: self._new_slot(spider, which[0], 1, *which[1:]))
        self.slots += self._kept.slots

    def item_scraped(self, item: Any, spider: Spider) -> None:
        """Write the item to the feeds that take it: now, or, for a job that is kept, when its page is done."""
        if self._job is None:
            self._write(item, spider)
        else:
            self._job.when_done(self._write_and_keep, item, spider)

    def _write_and_keep(self, item: Any, spider: Spider) -> None:
        assert self._kept is not None
        self._kept.keep(item)
        self._write(item, spider)

    def _write(self, item: Any, spider: Spider) -> None:
        """Write the item; a batch that is full is stored at once."""
        for place, slot in enumerate(self.slots):
            if not slot.filter.accepts(item):
                continue
            slot.export(item)
            limit = slot.feed_options["batch_item_count"]
            if limit and slot.itemcount >= limit:
                self.slots[place] = self._new_slot(spider, slot.uri_template, slot.batch_id + 1)
                self._begin_storing(slot)

    async def close_spider(self, spider: Spider) -> None:
        """Store all files, and return when they are stored."""
        for slot in self.slots:
            self._begin_storing(slot)
        self.slots = []
        for slot, items in self._kept.at_the_end() if self._kept is not None else ():
            self._write_whole(slot, items, spider)
        if self._storing:
            await asyncio.gather(*self._storing)
        if self._kept is not None:
            self._kept.forget(self._failed)
        await self.crawler.signals.send_catch_log_async(signals.feed_exporter_closed)

    def _write_whole(self, slot: FeedSlot, items: Iterator[Any], spider: Spider) -> None:
        """Write a feed, in batches if it has any, from all its items."""
        self.slots = [slot]
        for item in items:
            self._write(item, spider)
        self._begin_storing(self.slots.pop())

    def _new_slot(
        self,
        spider: Spider,
        template: str,
        batch_id: int,
        options: dict[str, Any] | None = None,
        storage: Any = None,
        uri: str | None = None,
    ) -> FeedSlot:
        """A slot of the feed with that URI template; a job's may have another URI, storage and options."""
        options = options or self.feeds[template]
        customize = options["uri_params"]
        params = uri_params(
            spider,
            load_object(customize) if customize else lambda params, _spider: params,
            batch_id=batch_id,
            now=datetime.now(UTC),
        )
        uri = uri or apply_uri_params(template, params)
        return FeedSlot(
            storage or self._build_storage(uri, options),
            uri,
            uri_template=template,
            batch_id=batch_id,
            item_filter=self.filters[template],
            exporter_class=self.exporters[options["format"]],
            feed_options=options,
            spider=spider,
            crawler=self.crawler,
        )

    def _begin_storing(self, slot: FeedSlot) -> None:
        """Finish the file now; what storing it has to wait for is waited for in a task."""
        if not slot.begun and not (slot.store_empty and slot.batch_id == 1):
            return
        storing: Any = None
        problem: Exception | None = None
        try:
            if not slot.begun:
                slot.start_exporting()
            slot.finish_exporting()
            storing = slot.storage.store(slot.file)
        except Exception as caught:
            problem = caught
            slot.give_up()
        self._in_background(self._end_storing(slot, storing, problem))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    async def _end_storing(self, slot: FeedSlot, storing: Any, problem: Exception | None) -> None:
        try:
            waiting = as_awaitable(storing)
            if waiting is not None:
                await waiting
        except Exception as caught:
            problem = caught
        self._account_for(slot, problem)
        await self.crawler.signals.send_catch_log_async(signals.feed_slot_closed, slot=slot)

    def _account_for(self, slot: FeedSlot, problem: Exception | None) -> None:
        what = f"{slot.format} feed ({slot.itemcount} items) in: {slot.uri}"
        outcome = "success" if problem is None else "failed"
        self._failed |= problem is not None
        if problem is None:
            logger.info("Stored %s", what, extra={"spider": self.crawler.spider})
        else:
            logger.error("Error storing %s", what, exc_info=problem, extra={"spider": self.crawler.spider})
        self.crawler.stats.inc_value(f"feedexport/{outcome}_count/{type(slot.storage).__name__}")

    def _build_storage(self, uri: str, options: dict[str, Any]) -> Any:
        return build_from_crawler(self.storages[_scheme(uri)], self.crawler, uri, feed_options=options)

    def _build_filter(self, options: dict[str, Any]) -> Any:
        return load_object(options.get("item_filter", ItemFilter))(options)

    def _has_storage(self, uri: str, options: dict[str, Any]) -> bool:
        scheme = _scheme(uri)
        if scheme not in self.storages:
            logger.error("Unknown feed storage scheme: %s", scheme)
            return False
        try:
            self._build_storage(uri, options)
        except NotConfigured as reason:
            logger.error("Disabled feed storage scheme: %s. Reason: %s", scheme, reason)
            return False
        return True

    def _has_format(self, options: dict[str, Any]) -> bool:
        name = options["format"]
        if not name:
            logger.error("Feed format not set: give the feed a 'format', or a name that ends in one.")
        elif name not in self.exporters:
            logger.error("Unknown feed format: %s", name)
        return name in self.exporters


def _job_of(crawler: Crawler) -> Job | None:
    slot = getattr(crawler.__dict__.get("engine"), "_slot", None)
    job: Job | None = getattr(slot, "job", None)
    return job


def _feeds_of(settings: BaseSettings) -> dict[str, dict[str, Any]]:
    """The feeds of the settings, complete, by their URIs."""
    feeds: dict[str, dict[str, Any]] = {}
    if settings["FEED_URI"]:
        warnings.warn(
            "The `FEED_URI` and `FEED_FORMAT` settings have been deprecated in favor of the `FEEDS` setting.",
            ScrapyDeprecationWarning,
            stacklevel=4,
        )
        uri = _as_uri(settings["FEED_URI"])
        feeds[uri] = complete_feed({"format": settings.get("FEED_FORMAT", "jsonlines")}, settings, uri)
    for key, options in settings.getdict("FEEDS").items():
        uri = _as_uri(key)
        feeds[uri] = complete_feed(options, settings, uri)
    return feeds


def _as_uri(key: Any) -> str:
    return str(key.absolute()) if isinstance(key, Path) else str(key)


def _scheme(uri: str) -> str:
    """The scheme of a feed's URI, "" for a path; the letter of a Windows drive is no scheme."""
    scheme = urlparse(uri).scheme
    return "" if len(scheme) == 1 else scheme


def _has_names(uri: str, options: dict[str, Any]) -> bool:
    if not options["batch_item_count"] or tells_batches_apart(uri):
        return True
    logger.error(
        "The feed %s is stored in batches, which need different names: put %%(batch_time)s or %%(batch_id)d into "
        "its URI.",
        uri,
    )
    return False


def _load_table(settings: BaseSettings, name: str, used: set[str]) -> dict[str, Any]:
    """The classes of a table of settings by their keys; one that needs what is not installed is left out.

    Of the default ones only those that are `used` are imported.
    """
    table: dict[str, Any] = {}
    for key, component in settings.getwithbase(name).items():
        if component is None or (key not in used and component in HOMES):
            continue
        try:
            table[key] = load_object(component)
        except NotConfigured as reason:
            logger.debug("%s of %s is not available: %s", key, name, reason)
    return table
