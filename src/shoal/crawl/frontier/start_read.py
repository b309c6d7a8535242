"""How much of the spider's `start()` a job has read.

The one rule: a start that was read to its end is not read again; one that was not is read from its beginning, and what
it gives as often as it gave it before is left out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from shoal.crawl.frontier.seen import number_of

if TYPE_CHECKING:
    import sqlite3


class StartInFile:
    """What `start()` has given, by fingerprint and number of times; items by number alone."""

    def __init__(self, db: sqlite3.Connection, state: dict[str, Any]) -> None:
        self._db = db
        self._state = state
        self._new: Counter[int] = Counter()
        self._again: Counter[int] = Counter()
        self._was_begun = not self.is_over and db.execute("SELECT 1 FROM begun").fetchone() is not None
        self._items_left: int = state.get("start_items", 0)

    @property
    def is_over(self) -> bool:
        """Whether it was read to its end."""
        return bool(self._state.get("start_is_over"))

    def end(self) -> None:
        """It has been read to its end."""
        self._state["start_is_over"] = True
        self._state.pop("start_items", None)
        self._new.clear()

    def is_new(self, fingerprint: bytes) -> bool:
        """Whether a request that it gives has not been taken in an earlier run. From now on it has."""
        number = number_of(fingerprint)
        if self._was_begun:
            self._again[number] += 1
            if self._again[number] <= self._times(number):
                return False
        self._new[number] += 1
        return True

    def _times(self, number: int) -> int:
        row = self._db.execute("SELECT times FROM begun WHERE fingerprint=?", (number,)).fetchone()
        return row[0] if row else 0

    def is_new_item(self) -> bool:
        """Whether the next item that it gives has not been taken in an earlier run."""
        if self._items_left:
            self._items_left -= 1
            return False
        return True

    def item_taken(self) -> None:
        """An item that is new has been through the pipelines."""
        if not self.is_over:
            self._state["start_items"] = self._state.get("start_items", 0) + 1

    def write(self, db: sqlite3.Connection) -> None:
        """Write what is new; whoever calls ends the transaction and calls `written`."""
        if self.is_over:
            db.execute("DELETE FROM begun")
        elif self._new:
            db.executemany(
                "INSERT INTO begun VALUES(?, ?) ON CONFLICT DO UPDATE SET times = times + excluded.times",
                list(self._new.items()),
            )

    def written(self) -> None:
        """The transaction has been committed."""
        self._new.clear()
