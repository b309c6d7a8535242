"""Ranges of numbers as sets: union, difference, and the compact columns they are kept in.

The one rule: whatever leaves here is ascending and disjoint, and ranges that touch are one. A range is an inclusive
(first, last) pair; on its way in it is packed into one integer, first << width | last, so that packed ranges sort as
pairs do and IPv4 ranges fit an array of 64-bit numbers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableSequence

    Span = tuple[int, int]

COMPACT_ABOVE = 4096
"""From so many IPv4 ranges on they are kept in `array`, whose import costs 2 ms, instead of lists."""


class Pile:
    """Ranges as they come: any order, any overlap. `count` is how many numbers they have, repeated ones included."""

    __slots__ = ("width", "packed", "count", "compact")

    def __init__(self, width: int) -> None:
        self.width = width
        self.packed: MutableSequence[int] = []
        self.count = 0
        self.compact = False

    def add(self, spans: Iterable[Span]) -> None:
        """Put more ranges on the pile."""
        width = self.width
        for first, last in spans:
            self.packed.append(first << width | last)
            self.count += last - first + 1
            if not self.compact and len(self.packed) > COMPACT_ABOVE and width == 32:
                self._make_compact()

    def _make_compact(self) -> None:
        from array import array

        self.packed = array("Q", self.packed)
        self.compact = True

    def union(self) -> Iterator[Span]:
        """The ranges sorted, those that overlap or touch made one."""
        width = self.width
        mask = (1 << width) - 1
        start = end = -2
        for packed in sorted(self.packed):
            first = packed >> width
            last = packed & mask
            if first > end + 1:
                if end >= 0:
                    yield start, end
                start, end = first, last
            elif last > end:
                end = last
        if end >= 0:
            yield start, end


def difference(spans: Iterable[Span], holes: Iterable[Span]) -> Iterator[Span]:
    """The ranges without the holes; both ascending and disjoint."""
    ahead = iter(holes)
    hole = next(ahead, None)
    for first, last in spans:
        start = first
        while hole and hole[0] <= last:
            if start < hole[0]:
                yield start, hole[0] - 1
            start = max(start, hole[1] + 1)
            if hole[1] > last:
                break  # it reaches into the next range
            hole = next(ahead, None)
        if start <= last:
            yield start, last


def columns(spans: Iterable[Span], compact: bool) -> tuple[MutableSequence[int], MutableSequence[int]]:
    """The first number of each range, and how many numbers lie before it, with their total as the last item."""
    starts: MutableSequence[int] = []
    before: MutableSequence[int] = [0]
    if compact:
        from array import array

        starts, before = array("I"), array("Q", [0])
    total = 0
    for first, last in spans:
        starts.append(first)
        total += last - first + 1
        before.append(total)
    return starts, before
