"""Which download slot goes next.

The one rule: the slot with the fewest active downloads; among equals the one whose name follows that of the last, so
that no slot waits for ever. A slot that is full has no turn: a request stays where a better one can still overtake it,
and one slow host cannot take the places of all others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.frontier import DownloadSlots


class SlotRing:
    """The names of slots that have requests waiting, and where the last turn was.

    `soon(call)` makes a call when the downloader has seen what it was given in this round of the loop; until then the
    ring counts those itself. Without it (no loop runs) whoever takes a request tells the downloader at once.
    The search looks at as many slots as are busy, and one; 100,000 names cost it no more than ten.
    """

    __slots__ = ("_default", "_given", "_last", "_names", "_own", "_slots", "_soon")

    def __init__(self, downloader: DownloadSlots, soon: Callable[[Callable[[], None]], object] | None = None) -> None:
        self._names: list[str] = []
        self._last = ""
        self._given: dict[str, int] = {}
        self._slots = downloader.slots
        self._soon = soon
        # How many at once a slot has room for, as long as the downloader has not made it.
        self._default: int = getattr(downloader, "domain_concurrency", 0)
        self._own: dict[str, dict[str, Any]] = getattr(downloader, "per_slot_settings", {})

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str) -> None:
        """A slot that had nothing waiting has something now."""
        insort(self._names, name)

    def remove(self, name: str) -> None:
        """A slot has nothing waiting any more. Its place is remembered when it was the last."""
        del self._names[bisect_left(self._names, name)]

    def next(self) -> str | None:
        """The slot whose turn it is; None when nothing waits, or only for slots that are full."""
        names = self._names
        if not names:
            return None
        if len(names) == 1:  # a crawl of one host
            busy = self._busy(names[0])
            return names[0] if not busy or self._has_room(names[0], busy) else None
        turn = bisect_right(names, self._last) % len(names)
        chosen, fewest = None, 0
        for at in chain(range(turn, len(names)), range(turn)):
            name = names[at]
            busy = self._busy(name)
            if not busy:
                return name
            if (chosen is None or busy < fewest) and self._has_room(name, busy):
                chosen, fewest = name, busy
        return chosen

    def _busy(self, name: str) -> int:
        slot = self._slots.get(name)
        busy = len(slot.active) if slot is not None else 0
        return busy + self._given.get(name, 0) if self._given else busy

    def _has_room(self, name: str, busy: int) -> bool:
        slot = self._slots.get(name)
        if slot is not None:
            limit = getattr(slot, "concurrency", 0)
        else:
            limit = self._own.get(name, {}).get("concurrency", self._default)
        return not limit or busy < limit

    def took(self, name: str) -> None:
        """The turn was that slot's, and a request of it goes to the downloader."""
        self._last = name
        if self._soon is not None:
            if not self._given:
                self._soon(self._given.clear)
            self._given[name] = self._given.get(name, 0) + 1
