"""One line on the terminal while a crawl runs: pages, items, what waits, how fast, and how long it may still take.

The one rule: it reads counters on a timer; nothing in the crawl knows of it. `EXTENSIONS = {"shoal.crawl.progress.
Progress": 0}` puts it in; it stays away where there is no terminal, or where the log fills it.
"""

from __future__ import annotations

import logging
import shutil
import sys
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from shoal.crawl import signals
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.looping import create_looping_call

if TYPE_CHECKING:
    from typing import Self, TextIO

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.looping import AsyncioLoopingCall
    from shoal.crawl.settings import BaseSettings

_EVERY = 0.5
# The rate is that of the last seconds: long enough to be steady, short enough to show that a site has slowed down.
_WINDOW = 10.0
_ERASE = "\r\x1b[K"


class Count(NamedTuple):
    """How far a crawl was at a time: pages and items so far, requests that wait or are on their way."""

    time: float
    pages: int
    items: int
    waiting: int


def pages_per_second(old: Count, new: Count) -> float:
    """The rate between two counts; 0 where there was no time between them."""
    seconds = new.time - old.time
    return (new.pages - old.pages) / seconds if seconds > 0 else 0.0


def seconds_left(old: Count, new: Count) -> float | None:
    """How long the rest will take; None while the queue does not shrink, because then nobody can know."""
    gone, seconds = old.waiting - new.waiting, new.time - old.time
    return new.waiting * seconds / gone if gone > 0 and seconds > 0 else None


def line_for(old: Count, new: Count) -> str:
    """The line, without colour."""
    rate = pages_per_second(old, new)
    parts = [
        f"{new.pages:,} pages",
        f"{new.items:,} items",
        f"{new.waiting:,} waiting",
        f"{rate:,.0f} pages/s" if rate >= 10 else f"{rate:.1f} pages/s",
    ]
    left = seconds_left(old, new)
    if left is not None:
        parts.append(f"about {_duration(left)} left")
    return " | ".join(parts)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


class Progress:
    """Draws the line twice a second, and wipes it away at the end. `out` is a terminal."""

    def __init__(self, crawler: Crawler, out: TextIO) -> None:
        self.crawler = crawler
        self.out = out
        self._counts: deque[Count] = deque()
        self._task: AsyncioLoopingCall | None = None
        crawler.signals.connect(self.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One on standard error. Raises NotConfigured when that is no terminal, or the log is written there."""
        if not sys.stderr.isatty() or _log_fills_terminal(crawler.settings):
            raise NotConfigured
        return cls(crawler, sys.stderr)

    def spider_opened(self) -> None:
        """Begin to draw."""
        self._task = create_looping_call(self.draw)
        self._task.start(_EVERY)

    def spider_closed(self) -> None:
        """Wipe the line away."""
        if self._task is not None:
            self._task.stop()
            self._write(_ERASE)

    def draw(self, now: float | None = None) -> None:
        """Draw the line as it is now; `now` in seconds, by the monotonic clock."""
        count = self._count(monotonic() if now is None else now)
        counts = self._counts
        counts.append(count)
        while len(counts) > 2 and count.time - counts[1].time >= _WINDOW:
            counts.popleft()
        width = shutil.get_terminal_size().columns - 1
        self._write(_ERASE + line_for(counts[0], count)[:width])

    def _count(self, now: float) -> Count:
        stats = self.crawler.stats
        return Count(
            now,
            stats.get_value("response_received_count", 0),
            stats.get_value("item_scraped_count", 0),
            _waiting(self.crawler.engine),
        )

    def _write(self, text: str) -> None:
        try:
            self.out.write(text)
            self.out.flush()
        except (OSError, ValueError):
            # The terminal has gone away; the crawl has not.
            if self._task is not None:
                self._task.stop()


def _waiting(engine: Any) -> int:
    """Requests in the queue and on their way."""
    slot = engine._slot
    if slot is None:
        return 0
    queued = len(slot.scheduler) if hasattr(slot.scheduler, "__len__") else 0
    return queued + len(slot.inprogress)


def _log_fills_terminal(settings: BaseSettings) -> bool:
    if not settings.getbool("LOG_ENABLED") or settings.get("LOG_FILE"):
        return False
    level = settings.get("LOG_LEVEL")
    number = logging.getLevelNamesMapping().get(level, 0) if isinstance(level, str) else int(level or 0)
    return number < logging.WARNING
