"""A crawl over several workers that can be taken up again after any kind of end (`--job DIR` with -m proc, --cluster).

The one rule: what the requests of a lease have brought (items in feeds, then links), and that the lease is done, are
written in one transaction, when the lease is done. A lease that was under way when the coordinator, or its worker, was
killed is fetched again, and has left nothing behind.

Feeds alone wait for that; whoever listens to signals hears of an item as soon as it comes, and again if its page is
fetched again. Items that come from no page (of `start()` itself) are written as they come.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from shoal.crawl.frontier.job_file import NAME as JOB_OF_ONE
from shoal.crawl.frontier.leases_sqlite import SqliteLeases
from shoal.crawl.jobdir import job_dir, refuse_other_job
from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shoal.crawl.frontier.leases import Ack, Entry
    from shoal.crawl.settings import Settings
    from shoal.crawl.spread import wire
    from shoal.crawl.spread.leasing import Leasing

NAME = "leases.sqlite"
_ANEW = "name another directory to begin anew"
_MOST_ITEMS = 100_000
"""Items that are kept back; with more, they are written as they come, and a kill can write some of them twice."""
logger = logging.getLogger("scrapy.core.scheduler")


class _Brought:
    """What the requests of a lease have brought so far."""

    __slots__ = ("entries", "items")

    def __init__(self) -> None:
        self.items: list[tuple[Callable[..., object], Any, tuple[Any, ...]]] = []
        self.entries: list[Entry] = []


class KeptCrawl:
    """The job in a folder. To feeds it is what `shoal.crawl.job.Job` is to them.

    Raises UsageError for a job that is not the spider's, that was begun in one process, or that somebody is at work in.
    """

    def __init__(self, folder: str, spider: str) -> None:
        refuse_job_of_one(folder)
        self.folder = folder
        self.frontier = SqliteLeases(Path(folder, NAME), alone=True)
        self.state = self.frontier.noted()
        try:
            refuse_other_job(folder, self.state, spider)
        except UsageError:
            self.frontier.close()
            raise
        self._is_resumed = bool(self.state)
        self.state.setdefault("spider", spider)
        self.file = SimpleNamespace(state=self.state)
        self.is_finished = False
        self.measured: Callable[[], dict[str, Any]] | None = None
        self._brought: defaultdict[int, _Brought] = defaultdict(_Brought)
        self._held = 0
        # The lease that the item which is being told of comes from; 0: none.
        self.source = 0
        if self.state.pop("finished", None):
            logger.warning("The job in %s was finished: nothing is left to do", folder)

    @property
    def start_is_over(self) -> bool:
        """Whether `start()` has been read to its end."""
        return bool(self.state.get("start_is_over"))

    def when_done(self, write: Callable[..., object], item: Any, *about: Any) -> None:
        """Call `write(item, ...)` when the lease is done that the item comes from; at once for one of no lease."""
        if not self.source or self._held >= _MOST_ITEMS:
            write(item, *about)
            return
        self._held += 1
        # Who listens may change it later.
        self._brought[self.source].items.append((write, deepcopy(item), about))

    def take(self, news: wire.News, leasing: Leasing, number: int, now: float) -> int:
        """New requests, ended leases and what these have brought, in one transaction; how many were known before."""
        with self.frontier.transaction():
            entries = list(self._ready(news))
            for ack in news.acks if leasing.has(number) else ():
                entries += self._settle(ack)
            doubles = len(entries) - self.frontier.add(entries) if entries else 0
            if news.acks:
                done = leasing.ack(number, news.acks, now)
                self.state["pages"] = self.state.get("pages", 0) + done
            if news.start_is_over:
                self.state["start_is_over"] = True
            if news.acks or news.items or news.start_is_over:
                self._note()
        return doubles

    def _ready(self, news: wire.News) -> Iterable[Entry]:
        """What may be added now: a request that is never a duplicate would be added again with its page."""
        for entry, origin in zip(news.entries, news.origins, strict=True):
            if origin:
                self._brought[origin].entries.append(entry)
            else:
                yield entry

    def _settle(self, ack: Ack) -> list[Entry]:
        """The lease is done: its items are written; the requests that it has brought."""
        brought = self._brought.pop(ack.token, None)
        if brought is None:
            return []
        self._held -= len(brought.items)
        for write, item, about in brought.items:
            try:
                write(item, *about)
            except Exception:
                logger.error("An item could not be written: %(item).200r", {"item": item}, exc_info=True)
        return brought.entries

    def forget(self, tokens: Iterable[int]) -> None:
        """Leases that have ended otherwise: what they have brought comes again."""
        for token in tokens:
            brought = self._brought.pop(token, None)
            self._held -= len(brought.items) if brought is not None else 0

    def commit(self) -> None:
        """Write how long the feeds are."""
        with self.frontier.transaction():
            self._note()

    def changed(self) -> None:
        """Something is to be written, with the next transaction."""

    def _note(self) -> None:
        if self.measured is not None:
            self.state["feeds"] = self.measured()
        self.frontier.note(self.state)

    def close(self, reason: str, worked: bool) -> None:
        """Note how the crawl has ended, and give the file back.

        A crawl of which nothing has `worked` from its beginning is no job to go on with: the next run begins anew.
        """
        stats = self.frontier.stats()
        ended = reason == "finished" and self.start_is_over and not (stats.waiting or stats.leased)
        self.is_finished = ended and worked
        if self.is_finished:
            self.state["finished"] = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        self.forget(list(self._brought))
        try:
            self.commit()
        finally:
            self.frontier.close()
        if ended and not worked and not self._is_resumed:
            Path(self.folder, NAME).unlink()


def kept_crawl(settings: Settings, spider: str) -> KeptCrawl | None:
    """The job that the settings ask for, if they do. Raises UsageError, MachineError."""
    folder = job_dir(settings)
    return None if folder is None else KeptCrawl(folder, spider)


def refuse_job_of_one(folder: str) -> None:
    """Raises UsageError when the folder holds a job that was begun in one process."""
    if Path(folder, JOB_OF_ONE).exists():
        raise UsageError(
            f"the job in {folder} was begun in one process: go on with it without -m proc and --cluster, or {_ANEW}"
        )


def finished_crawl(folder: str, spider: str) -> str | None:
    """One sentence when the job in the folder is finished; None when there is something to do. Raises UsageError."""
    refuse_job_of_one(folder)
    if not Path(folder, NAME).exists():
        return None
    kept = SqliteLeases(Path(folder, NAME), alone=True)
    try:
        state = kept.noted()
        refuse_other_job(folder, state, spider)
    finally:
        kept.close()
    if "finished" not in state or any(Path(folder).glob("feed-*.items")):
        return None
    return (
        f"the job in {folder} was finished at {state['finished']} ({state.get('pages', 0):,} requests done): nothing "
        f"is left to do; remove the directory, or {_ANEW}"
    )
