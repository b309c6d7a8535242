"""Frontiers in memory: what a crawl without job directory uses.

The one rule: a push and a pop together cost a microsecond: a request goes into the list of its rank, and only new ranks
are sorted.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from shoal.crawl.frontier.ring import SlotRing

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.frontier import DownloadSlots
    from shoal.crawl.request import Request


class NewestFirst(list["Request"]):
    """Requests of one rank, depth first."""

    __slots__ = ()
    take = list.pop
    following = -1


class OldestFirst(deque["Request"]):
    """Requests of one rank, in the order they came."""

    __slots__ = ()
    take = deque.popleft
    following = 0


class MemoryFrontier:
    """Requests by priority. `usual` and `start` are the queues of a rank; without `start`, all share the usual ones."""

    __slots__ = ("_ranks", "_rows", "_start", "_usual")

    def __init__(self, usual: type[Any] = NewestFirst, start: type[Any] | None = OldestFirst) -> None:
        self._usual = usual
        self._start = start
        # Rank -> its requests. A rank is -2 * priority, and one more for requests of the start.
        self._rows: dict[int, Any] = {}
        self._ranks: list[int] = []

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def __bool__(self) -> bool:
        return bool(self._ranks)

    def push(self, request: Request) -> None:
        """Take a request."""
        rank = -2 * request.priority
        meta = request._meta
        if meta is not None and self._start is not None and meta.get("is_start_request"):
            rank += 1
        row = self._rows.get(rank)
        if row is None:
            row = self._new_row(rank)
        row.append(request)

    def _new_row(self, rank: int) -> Any:
        row = self._rows[rank] = self._start() if rank & 1 and self._start is not None else self._usual()
        heappush(self._ranks, rank)
        return row

    def pop(self) -> Request | None:
        """The next request, which leaves; None when there is none."""
        if not self._ranks:
            return None
        rank = self._ranks[0]
        row = self._rows[rank]
        request: Request = row.take()
        if not row:
            heappop(self._ranks)
            del self._rows[rank]
        return request

    def peek(self) -> Request | None:
        """The next request, which stays."""
        if not self._ranks:
            return None
        row = self._rows[self._ranks[0]]
        request: Request = row[row.following]
        return request

    def close(self) -> list[int]:
        """Nothing of it outlives the process."""
        return []


class SlotFrontier:
    """Requests by download slot, and by priority in each slot: the least busy slot goes first.

    `soon` is what SlotRing needs it for.
    """

    __slots__ = ("_downloader", "_ring", "_size", "_slots", "_start", "_usual")

    def __init__(
        self,
        downloader: DownloadSlots,
        usual: type[Any] = NewestFirst,
        start: type[Any] | None = OldestFirst,
        soon: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        self._downloader = downloader
        self._usual = usual
        self._start = start
        self._slots: dict[str, MemoryFrontier] = {}
        self._ring = SlotRing(downloader, soon)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __contains__(self, slot: str) -> bool:
        return slot in self._slots

    def push(self, request: Request) -> None:
        """Take a request."""
        name = self._downloader.get_slot_key(request)
        waiting = self._slots.get(name)
        if waiting is None:
            waiting = self._slots[name] = MemoryFrontier(self._usual, self._start)
            self._ring.add(name)
        waiting.push(request)
        self._size += 1

    def pop(self) -> Request | None:
        """The next request, which leaves; None when none is ready."""
        name = self._ring.next()
        if name is None:
            return None
        self._ring.took(name)
        waiting = self._slots[name]
        request = waiting.pop()
        self._size -= 1
        if not waiting:
            del self._slots[name]
            self._ring.remove(name)
        return request

    def peek(self) -> Request | None:
        """The next request, which stays."""
        name = self._ring.next()
        return None if name is None else self._slots[name].peek()

    def close(self) -> dict[str, Any]:
        """Nothing of it outlives the process."""
        return {}
