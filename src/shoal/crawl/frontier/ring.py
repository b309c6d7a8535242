"""Which download slot goes next.

The one rule: the slot with the fewest active downloads; among equals the one whose name follows that of the last, so
that no slot waits for ever. Slots without downloads end the search: it looks at as many slots as are busy, and one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class SlotRing:
    """The names of slots that have requests waiting, and where the last turn was."""

    __slots__ = ("_last", "_names")

    def __init__(self) -> None:
        self._names: list[str] = []
        self._last = ""

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str) -> None:
        """A slot that had nothing waiting has something now."""
        insort(self._names, name)

    def remove(self, name: str) -> None:
        """A slot has nothing waiting any more. Its place is remembered when it was the last."""
        del self._names[bisect_left(self._names, name)]

    def next(self, slots: Mapping[str, Any]) -> str | None:
        """The slot whose turn it is, None without slots. `slots` are those of the downloader."""
        names = self._names
        if len(names) < 2:
            return names[0] if names else None
        turn = bisect_right(names, self._last)
        chosen, fewest = None, -1
        for name in chain(names[turn:], names[:turn]) if turn else names:
            slot = slots.get(name)
            busy = len(slot.active) if slot is not None else 0
            if not busy:
                return name
            if chosen is None or busy < fewest:
                chosen, fewest = name, busy
        return chosen

    def took(self, name: str) -> None:
        """The turn was that slot's."""
        self._last = name
