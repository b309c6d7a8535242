"""Text in columns of a terminal, where a Chinese character takes two.

The one rule: pure; widths are those of Unicode's East Asian Width (UAX #11), ambiguous characters taken as narrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Sequence


def width(text: str) -> int:
    """How many columns it takes."""
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def cut(text: str, columns: int) -> str:
    """As much of it as fits."""
    taken = 0
    for place, sign in enumerate(text):
        taken += width(sign)
        if taken > columns:
            return text[:place]
    return text


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells, in columns: the first to the left, the others to the right."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_cells(row, widths)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    blanks = [" " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)]
    return [row[0] + blanks[0], *(blank + cell for cell, blank in zip(row[1:], blanks[1:], strict=True))]
