"""A job: a crawl that can be taken up again after any kind of end.

The one rule: what a page has brought (its items, then its links) and that the page is done are written in one
transaction. A page that was under way when the process was killed is fetched again, and has left nothing behind.

Transactions are gathered: one is made 5 ms after the first change, or after `_PAGES` pages or `_ROWS` rows.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextvars import ContextVar
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoal.crawl.frontier.durable import DurableFrontier
from shoal.crawl.frontier.job_file import JobFile
from shoal.crawl.frontier.seen import SeenInFile
from shoal.crawl.frontier.start_read import StartInFile
from shoal.crawl.jobdir import refuse_other_job
from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.frontier.durable import Key
    from shoal.crawl.frontier.ring import SlotRing
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider

logger = logging.getLogger("scrapy.core.scheduler")

_SECONDS = 0.005
_PAGES = 8
_ROWS = 2_000
# Items of one page that are kept back until the page is done; with more, they are written as they come, and a kill in
# the middle of such a page can write some of them twice.
MOST_ITEMS = 10_000


class _Page:
    """A request under way, and the items that have come of it."""

    __slots__ = ("key", "later")

    def __init__(self, key: Key | None) -> None:
        self.key = key
        self.later: list[tuple[Callable[..., object], Any, tuple[Any, ...]]] = []


_page: ContextVar[_Page | None] = ContextVar("page", default=None)


class Job:
    """The job in a folder, for a spider. `ring` and `slot_of` are the frontier's.

    `measured()` is asked in every transaction: it makes sure that feeds are on disk, and says how long they are.
    `failed(problem)` is called once if the file cannot be written; from then on nothing of the job changes any more.
    Raises UsageError for a job that is not the spider's, or that somebody else is at work in.
    """

    def __init__(
        self,
        folder: str,
        spider: Spider,
        ring: SlotRing | None = None,
        slot_of: Callable[[Request], str] | None = None,
    ) -> None:
        self.file = JobFile(folder)
        state = self.file.state
        self.folder = folder
        self.is_resumed = bool(state)
        self.is_finished = False
        try:
            refuse_other_job(folder, state, spider.name, by_slot=ring is not None)
        except UsageError:
            self.file.close()
            raise
        state.setdefault("spider", spider.name)
        state.setdefault("by_slot", ring is not None)
        self.frontier = DurableFrontier(self.file, spider, self.commit, ring, slot_of)
        self.seen = SeenInFile(self.file.db)
        self.start = StartInFile(self.file.db, state)
        self.measured: Callable[[], dict[str, Any]] | None = None
        self.failed: Callable[[Exception], object] | None = None
        self._problem: Exception | None = None
        self._done = 0
        self._timer: asyncio.TimerHandle | None = None
        if state.pop("finished", None):
            logger.warning("The job in %s was finished: nothing is left to do", folder)

    def begin(self, request: Request) -> None:
        """The running task works on this request from now on."""
        _page.set(_Page(self.frontier.hand_over(request)))

    def done(self) -> None:
        """All that came of the running task's request has been taken: the next transaction says so."""
        page = _page.get()
        assert page is not None
        self._write_items(page)
        if page.key is not None:
            self.frontier.acknowledge(page.key)
        self._done += 1
        if self._done >= _PAGES:
            self.commit()
        else:
            self.changed()

    def when_done(self, write: Callable[..., object], item: Any, *about: Any) -> None:
        """Call `write(item, ...)` when the page that the item comes from is done; at once for one of no page."""
        page = _page.get()
        if page is None:
            write(item, *about)
            self.changed()
            return
        # The spider may change the item later, when it has given it away.
        page.later.append((write, _copied(item), about))
        if len(page.later) >= MOST_ITEMS:
            self._write_items(page)

    def _write_items(self, page: _Page) -> None:
        if self._problem is not None:
            return
        later, page.later = page.later, []
        for write, item, about in later:
            try:
                write(item, *about)
            except Exception:
                logger.error("An item could not be written: %(item).200r", {"item": item}, exc_info=True)

    def changed(self) -> None:
        """Something is to be written: soon, or now when it is much."""
        if self.frontier.unwritten + self.seen.unwritten >= _ROWS:
            self.commit()
        elif self._timer is None:
            try:
                self._timer = asyncio.get_running_loop().call_later(_SECONDS, self.commit)
            except RuntimeError:  # no loop runs: whoever closes the job writes it
                return

    def commit(self) -> None:
        """Write all that has changed, in one transaction, after the items it speaks of."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._problem is not None:
            return
        parts = (self.frontier, self.seen, self.start)
        try:
            if self.measured is not None:
                self.file.state["feeds"] = self.measured()
            self.file.state["pages"] = self.file.state.get("pages", 0) + self._done
            self.file.transact(*(part.write for part in parts))
        except (sqlite3.Error, OSError) as problem:
            self._give_up(problem)
            return
        self._done = 0
        for part in parts:
            part.written()

    def _give_up(self, problem: Exception) -> None:
        self._problem = problem
        logger.critical(
            "The job's file %(file)s cannot be written (%(problem)s): the crawl ends; run it again to go on from what "
            "was written last",
            {"file": self.file.path, "problem": problem},
        )
        if self.failed is not None:
            self.failed(problem)

    def close(self, reason: str, worked: bool = True) -> None:
        """Write the rest, note how the crawl has ended, and give the file back.

        A crawl of which nothing has `worked` from its beginning is no job to go on with: the next run begins anew.
        """
        ended = self._is_finished(reason)
        self.is_finished = ended and worked
        if self.is_finished:
            self.file.state["finished"] = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        try:
            self.commit()
        finally:
            self.file.close()
        if ended and not worked and not self.is_resumed:
            self.file.path.unlink()

    def _is_finished(self, reason: str) -> bool:
        return reason == "finished" and self._problem is None and not len(self.frontier) and self.start.is_over


def _copied(item: Any) -> Any:
    try:
        return deepcopy(item)
    except Exception:  # an item may hold anything; what cannot be copied is taken as it is
        return item
