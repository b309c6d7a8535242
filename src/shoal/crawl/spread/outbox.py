"""What a worker has to tell the coordinator, until it is told.

The one rule: everything that came of a request is in the same news as its acknowledgement, or in earlier news. News go
when there are enough, or `patience` seconds after the first of them, or at once when the worker has little to do.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any

from shoal.crawl.spread.merging import changed
from shoal.crawl.spread.origins import origin
from shoal.crawl.spread.permit import clock
from shoal.crawl.spread.wire import News

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.frontier.leases import Ack, Entry
    from shoal.crawl.spread.logs import Told
    from shoal.workers.line import Line

_PATIENCE = 0.005
FAR_PATIENCE = 0.03
"""From another machine: with 5 ms, 15,000 small pages cost the coordinator twice the processor time."""
_ENOUGH = 512
_STATS_EVERY = 0.25
_MOST_BYTES = 4_000_000
_PAGES, _ERRORS = "response_received_count", "spider_exceptions/count"


class Outbox:
    """Collects news. `stats` is the worker's table of statistics, `state` gives (start, busy) as News has them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._hurrying = False
        self.patience = _PATIENCE
        self.items: list[Any] = []
        self.entries: list[Entry] = []
        self.acks: list[Ack] = []
        # In a job: what items and entries come from.
        self.kept = False
        self._start_is_over = False
        self._sources: list[int] = []
        self._origins: list[int] = []
        self.logs: list[Told] = []
        self.stats: dict[str, Any] = {}
        self.state: Callable[[], tuple[bool | str, int]] = lambda: (True, 0)
        self._told: dict[str, Any] = {}
        self._told_at = 0.0
        self._pages = self._errors = 0

    async def item(self, item: Any) -> None:
        """An item that has come through the pipelines. Waits while the coordinator is behind."""
        self.items.append(item)
        if self.kept:
            self._sources.append(origin())
        self._soon()
        if self._line.waiting > _MOST_BYTES:
            await self._line.drained()

    def entry(self, entry: Entry) -> None:
        """A new request."""
        self.entries.append(entry)
        if self.kept:
            self._origins.append(origin() if entry.fingerprint is None else 0)
        self._soon()

    def ack(self, ack: Ack) -> None:
        """A lease is done."""
        self.acks.append(ack)
        self._soon()

    def start_is_over(self) -> None:
        """The spider's `start()` has been read to its end."""
        self._start_is_over = True
        self._soon()

    def log(self, told: Told) -> None:
        """A log record."""
        self.logs.append(told)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._soon)

    def _soon(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(self.patience, self.flush)
        elif len(self.entries) + len(self.items) >= _ENOUGH:
            self.hurry()

    def hurry(self) -> None:
        """Tell what there is in the next round of the loop, with what this round still adds."""
        if not self._hurrying:
            self._hurrying = True
            self._loop.call_soon(self.flush)

    def flush(self, last: bool = False) -> None:
        """Tell what there is, now; with `last` all the statistics, too."""
        self._hurrying = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        news = News(self.items, self.entries, self.acks, self.logs)
        news.start, news.busy = self.state()
        news.sent = clock()
        self._count(news)
        now = monotonic()
        if last or now - self._told_at > _STATS_EVERY:
            self._told_at = now
            news.stats = changed(self._told, self.stats)
        self.items, self.entries, self.acks, self.logs = [], [], [], []
        if self.kept:
            news.sources, news.origins, news.start_is_over = self._sources, self._origins, self._start_is_over
            self._sources, self._origins = [], []
        self._line.send(news)

    def _count(self, news: News) -> None:
        pages, errors = self.stats.get(_PAGES, 0), self.stats.get(_ERRORS, 0)
        news.pages, news.errors = pages - self._pages, errors - self._errors
        self._pages, self._errors = pages, errors
