"""The durable frontier: requests wait in the job's file, and of each slot the next few in memory besides.

The one rule: a request stays in the file until it is acknowledged, not until it is taken: whoever is killed in between
finds it waiting again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.frontier.request_rows import RequestRows
from shoal.crawl.frontier.window import MOST, Entry, Window
from shoal.crawl.request import Request

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from shoal.crawl.frontier.job_file import JobFile
    from shoal.crawl.frontier.ring import SlotRing
    from shoal.crawl.spider import Spider

# So many requests are held in memory in all; with more, slots are held on disk alone until their turn comes.
MOST_IN_ALL = 50_000
Key = tuple[int, int, int]  # slot, top, place
_INSERT = "INSERT INTO waiting VALUES(?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM waiting WHERE slot=? AND top=? AND place=?"
_NEXT = (
    "SELECT top, place, url, referer, kind FROM waiting WHERE slot=? AND (top, place) < (?, ?) "
    "ORDER BY top DESC, place DESC LIMIT ?"
)
_BEYOND = (1 << 62, 0)  # before every place


class DurableFrontier:
    """Requests of the job in `file`. With a `ring` and `slot_of`, by download slot; without, all in one.

    `commit()` writes what has not been written, and calls `write` for it. Whoever takes a request acknowledges it.
    """

    def __init__(
        self,
        file: JobFile,
        spider: Spider | None,
        commit: Callable[[], None],
        ring: SlotRing | None = None,
        slot_of: Callable[[Request], str] | None = None,
    ) -> None:
        self._db = file.db
        self._state = file.state
        self._rows = RequestRows(spider, file.db)
        self._commit = commit
        self._ring = ring
        self._slot_of = slot_of
        self._last: int = file.state.get("last_place", 0)
        # What is to be written: rows by their keys, keys of rows that go, and slots.
        self._new: dict[Key, tuple[Any, ...]] = {}
        self._gone: list[Key] = []
        self._new_slots: list[tuple[int, str]] = []
        self._taken: dict[Request, Key] = {}
        self._taken_keys: set[Key] = set()
        self._held = 0
        self._read_slots()

    def _read_slots(self) -> None:
        self._numbers: dict[str, int] = {name: number for number, name in self._db.execute("SELECT * FROM slot")}
        names = {number: name for name, number in self._numbers.items()}
        waiting = self._db.execute("SELECT slot, count(*) FROM waiting GROUP BY slot")
        self._windows = {names[slot]: Window(count) for slot, count in waiting}
        self._size = sum(map(len, self._windows.values()))
        if self._ring is not None:
            for name in self._windows:
                self._ring.add(name)

    def __len__(self) -> int:
        return self._size

    @property
    def unwritten(self) -> int:
        """How many rows are to be written or to go."""
        return len(self._new) + len(self._gone)

    def push(self, request: Request) -> None:
        """Take a request. Raises ValueError for one that is not data."""
        row = self._rows.row_of(request)
        name = self._slot_of(request) if self._slot_of is not None else ""
        meta = request._meta
        is_start = meta is not None and bool(meta.get("is_start_request"))
        self._last += 1
        top, place = 2 * request.priority - is_start, -self._last if is_start else self._last
        self._new[self._number(name), top, place] = row
        self._put(name, (top, place, request))
        self._size += 1

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._numbers) + 1
            self._new_slots.append((number, name))
        return number

    def _put(self, name: str, entry: Entry) -> None:
        window = self._windows.get(name)
        if window is None:
            window = self._windows[name] = Window()
            if self._ring is not None:
                self._ring.add(name)
        before = len(window.held)
        window.push(entry)
        if self._held >= MOST_IN_ALL:
            window.let_go()
        self._held += len(window.held) - before

    def pop(self) -> Request | None:
        """The next request, which is the taker's until `acknowledge`; None when none is ready.

        Raises ValueError for one that can no longer be read; it has left.
        """
        name = self._next_slot()
        if name is None:
            return None
        window = self._filled(name)
        if not window.held:
            return None  # the file could not be written, and the crawl is about to end
        if self._ring is not None:
            self._ring.took(name)
        top, place, thing = window.held.pop()
        self._held -= 1
        self._size -= 1
        if not window.held and not window.below:
            self._leave(name)
        key = (self._numbers[name], top, place)
        request = self._request(thing, key)
        self._taken[request] = key
        self._taken_keys.add(key)
        return request

    def _request(self, thing: Any, key: Key) -> Request:
        if isinstance(thing, Request):
            return thing
        try:
            return self._rows.request_of(thing)
        except Exception:
            self._remove(key)
            raise

    def peek(self) -> Request | None:
        """The next request, which stays."""
        name = self._next_slot()
        if name is None:
            return None
        held = self._filled(name).held
        thing = held[-1][2] if held else None
        return thing if thing is None or isinstance(thing, Request) else self._rows.request_of(thing)

    def _next_slot(self) -> str | None:
        if self._ring is not None:
            return self._ring.next()
        return "" if self._size else None

    def _leave(self, name: str) -> None:
        del self._windows[name]
        if self._ring is not None:
            self._ring.remove(name)

    def _filled(self, name: str) -> Window:
        """The slot's window, with something held."""
        window = self._windows[name]
        if not window.held:
            self._commit()
            slot, taken = self._numbers[name], self._taken_keys
            top, place = window.edge or _BEYOND
            limit = min(window.below, MOST // 2)
            found = self._db.execute(_NEXT, (slot, top, place, limit + len(taken)))
            window.hold([(t, p, row) for t, p, *row in found if (slot, t, p) not in taken][:limit])
            self._held += len(window.held)
        return window

    def hand_over(self, request: Request) -> Key | None:
        """What `acknowledge` is to be told when the request, which has been taken, is done; None for others' requests.

        Asked for once, when its work begins: the same object may be pushed again before that work is done.
        """
        return self._taken.pop(request, None)

    def acknowledge(self, key: Key) -> None:
        """All that came of the request is kept; it need not be done again."""
        self._taken_keys.discard(key)
        self._remove(key)

    def _remove(self, key: Key) -> None:
        if self._new.pop(key, None) is None:
            self._gone.append(key)

    def write(self, db: sqlite3.Connection) -> None:
        """Write what has changed; whoever calls ends the transaction and calls `written`."""
        self._rows.write(db)
        db.executemany("INSERT OR REPLACE INTO slot VALUES(?, ?)", self._new_slots)
        db.executemany(_INSERT, [key + row for key, row in self._new.items()])
        db.executemany(_DELETE, self._gone)
        self._state["last_place"] = self._last

    def written(self) -> None:
        """The transaction has been committed."""
        self._rows.written()
        self._new_slots.clear()
        self._new.clear()
        self._gone.clear()

    def close(self) -> None:
        """Nothing to tell: all is in the file."""
