"""The part of a queue that is in memory: the next requests of one slot; all others are on disk alone.

The one rule: every request on disk alone comes after every one that is held. So a push and a pop need no disk as long
as some are held, and however long the queue is, at most `MOST` are.
"""

from __future__ import annotations

from bisect import insort
from typing import Any

MOST = 256
Place = tuple[int, int]  # top, place: the greatest goes first
Entry = tuple[int, int, Any]


class Window:
    """`held` is what is held, the next one last; `below` is how many are on disk alone, all of them before `edge`."""

    __slots__ = ("below", "edge", "held")

    def __init__(self, below: int = 0) -> None:
        self.held: list[Entry] = []
        self.below = below
        self.edge: Place | None = None

    def __len__(self) -> int:
        return len(self.held) + self.below

    def push(self, entry: Entry) -> None:
        """Take a request: to be held, or, where its turn is later than that of some on disk, not."""
        if self.below and (self.edge is None or entry[:2] < self.edge):
            self.below += 1
            return
        held = self.held
        if held and entry[:2] < held[-1][:2]:
            insort(held, entry, key=_place)
        else:
            held.append(entry)
        if len(held) > MOST:
            self.let_go(MOST // 2)

    def let_go(self, keep: int = 0) -> None:
        """Hold only the next `keep`; the others are on disk."""
        held = self.held
        gone = len(held) - keep
        if gone <= 0:
            return
        top, place, _ = held[gone - 1]
        self.edge = (top, place + 1)
        self.below += gone
        del held[:gone]

    def hold(self, entries: list[Entry]) -> None:
        """Hold the next ones, which have been read from the disk, the first one first; nothing was held."""
        self.held = entries[::-1]
        self.below -= len(entries)
        if entries:
            self.edge = entries[-1][:2]
        else:
            self.below = 0


def _place(entry: Entry) -> Place:
    return entry[:2]
