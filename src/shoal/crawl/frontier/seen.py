"""The fingerprints of a job, kept in its file: a set whose size memory does not limit.

The one rule: 8 of a fingerprint's bytes are kept. Among 10^9 requests there is one pair that shares them by chance with
a probability of 3 %; one page would then be taken for seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

# So many of those met last are known without asking the file: about 10 MB.
_MOST_RECENT = 100_000


def number_of(fingerprint: bytes) -> int:
    """The fingerprint's first 8 bytes as SQLite's kind of integer."""
    return int.from_bytes(fingerprint[:8], "big", signed=True)


class SeenInFile:
    """What the filter of duplicates asks of a set of fingerprints."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._new: set[int] = set()
        self._recent: set[int] = set()

    def __contains__(self, fingerprint: bytes) -> bool:
        number = number_of(fingerprint)
        if number in self._recent or number in self._new:
            return True
        if self._db.execute("SELECT 1 FROM seen WHERE fingerprint=?", (number,)).fetchone() is None:
            return False
        self._remember(number)
        return True

    def __iter__(self) -> Iterator[bytes]:
        for (number,) in self._db.execute("SELECT fingerprint FROM seen"):
            yield number.to_bytes(8, "big", signed=True)
        for number in self._new:
            yield number.to_bytes(8, "big", signed=True)

    def add(self, fingerprint: bytes) -> None:
        """From now on it is known, and from the next transaction on for good."""
        number = number_of(fingerprint)
        self._new.add(number)
        self._remember(number)

    def _remember(self, number: int) -> None:
        if len(self._recent) >= _MOST_RECENT:
            self._recent.clear()
        self._recent.add(number)

    @property
    def unwritten(self) -> int:
        """How many are to be written."""
        return len(self._new)

    def write(self, db: sqlite3.Connection) -> None:
        """Write those that are new; whoever calls ends the transaction and calls `written`."""
        db.executemany("INSERT OR IGNORE INTO seen VALUES(?)", [(number,) for number in self._new])

    def written(self) -> None:
        """The transaction has been committed."""
        self._new.clear()
