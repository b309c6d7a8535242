"""Priority queues over queues of a chosen class: one queue for each priority, in memory or on disk.

The one rule: the order is that of `shoal.crawl.frontier`. In memory with the usual queues the scheduler takes a
frontier of its own instead, which is faster; these serve every other choice, and all that is on disk.
"""

from __future__ import annotations

import asyncio
import re
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import build_from_crawler
from shoal.crawl.frontier import is_start_request
from shoal.crawl.frontier.ring import SlotRing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.settings import BaseSettings

_WHY_A_DICT = (
    "DownloaderAwarePriorityQueue accepts ``slot_startprios`` as a dict; {given!r} was given instead. Most likely the "
    "job was begun with another SCHEDULER_PRIORITY_QUEUE: go on with that one, or begin a new job directory."
)


class ScrapyPriorityQueue:
    """Requests by priority.

    `downstream_queue_cls` is the class of the queues, `start_queue_cls` that of the start's requests (None: no queues
    of their own); `key` the folder of those on disk, where each has the priority negated as its name, and an `s` behind
    it for the start's; `startprios` what `close` gave in the run before.
    """

    def __init__(
        self,
        crawler: Crawler,
        downstream_queue_cls: type[Any],
        key: str,
        startprios: Iterable[int] = (),
        *,
        start_queue_cls: type[Any] | None = None,
    ) -> None:
        self.crawler = crawler
        self.downstream_queue_cls = downstream_queue_cls
        self.key = key
        self._start_queue_cls = start_queue_cls
        self.queues: dict[int, Any] = {}
        self._start_queues: dict[int, Any] = {}
        for priority in startprios or ():
            self._reopen(priority)
        self.curprio = self._first_priority()

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        downstream_queue_cls: type[Any],
        key: str,
        startprios: Iterable[int] = (),
        *,
        start_queue_cls: type[Any] | None = None,
    ) -> Self:
        """The same as the class itself."""
        return cls(crawler, downstream_queue_cls, key, startprios, start_queue_cls=start_queue_cls)

    def _reopen(self, priority: int) -> None:
        """Take up the queues of a priority as they were left; empty ones are not kept."""
        for start, queues in ((False, self.queues), (True, self._start_queues)):
            if start and self._start_queue_cls is None:
                continue
            queue = self._queue(priority, start)
            if len(queue):
                queues[priority] = queue
            else:
                queue.close()

    def _queue(self, priority: int, start: bool) -> Any:
        queue_cls = self._start_queue_cls if start and self._start_queue_cls else self.downstream_queue_cls
        return build_from_crawler(queue_cls, self.crawler, f"{self.key}/{priority}{'s' if start else ''}")

    def _first_priority(self) -> int | None:
        return min([*self.queues, *self._start_queues], default=None)

    def priority(self, request: Request) -> int:
        """The number under which the request waits: lower goes first."""
        return -request.priority

    def push(self, request: Request) -> None:
        """Take a request. Raises ValueError for one that the queue cannot keep."""
        priority = self.priority(request)
        start = self._start_queue_cls is not None and is_start_request(request)
        queues = self._start_queues if start else self.queues
        queue = queues.get(priority)
        if queue is None:
            queue = self._queue(priority, start)
        try:
            queue.push(request)
        finally:
            if len(queue):
                queues[priority] = queue
            else:
                queue.close()
        if self.curprio is None or priority < self.curprio:
            self.curprio = priority

    def _current(self) -> tuple[dict[int, Any], Any] | None:
        """The queue whose turn it is, and the table it stands in."""
        if self.curprio is None:
            return None
        queues = self.queues if self.curprio in self.queues else self._start_queues
        return queues, queues[self.curprio]

    def pop(self) -> Request | None:
        """The next request, which leaves; None when there is none."""
        request: Request | None = None
        while request is None and (current := self._current()) is not None:
            queues, queue = current
            request = queue.pop()
            if request is None or not len(queue):
                # One that gives nothing is at its end, whatever it says of its length: its file may have been cut.
                del queues[self.curprio]  # type: ignore[arg-type]
                queue.close()
                self.curprio = self._first_priority()
        return request

    def peek(self) -> Request | None:
        """The next request, which stays. Raises NotImplementedError when the queues cannot tell."""
        current = self._current()
        if current is None:
            return None
        request: Request | None = current[1].peek()
        return request

    def close(self) -> list[int]:
        """Close the queues; gives the priorities at which requests are left."""
        left = set()
        for queues in (self.queues, self._start_queues):
            for priority, queue in queues.items():
                if len(queue):
                    left.add(priority)
                queue.close()
        return sorted(left)

    def __len__(self) -> int:
        return sum(map(len, self.queues.values())) + sum(map(len, self._start_queues.values()))


class DownloaderAwarePriorityQueue:
    """Requests by download slot, and by priority in each slot: the least busy slot goes first.

    Takes what ScrapyPriorityQueue takes, but `slot_startprios` is a dict of them by slot. Raises ValueError when it is
    not, and for the CONCURRENT_REQUESTS_PER_IP setting.
    """

    def __init__(
        self,
        crawler: Crawler,
        downstream_queue_cls: type[Any],
        key: str,
        slot_startprios: Mapping[str, Iterable[int]] | None = None,
        *,
        start_queue_cls: type[Any] | None = None,
    ) -> None:
        refuse_slots_by_address(crawler.settings)
        if slot_startprios and not isinstance(slot_startprios, dict):
            raise ValueError(_WHY_A_DICT.format(given=slot_startprios))
        self.crawler = crawler
        self.downstream_queue_cls = downstream_queue_cls
        self.key = key
        self._start_queue_cls = start_queue_cls
        self._downloader = crawler.engine.downloader
        self.pqueues: dict[str, ScrapyPriorityQueue] = {}
        self._ring = SlotRing(self._downloader, in_next_round())
        for slot, startprios in (slot_startprios or {}).items():
            self._add(slot, startprios)

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        downstream_queue_cls: type[Any],
        key: str,
        startprios: Mapping[str, Iterable[int]] | None = None,
        *,
        start_queue_cls: type[Any] | None = None,
    ) -> Self:
        """The same as the class itself."""
        return cls(crawler, downstream_queue_cls, key, startprios, start_queue_cls=start_queue_cls)

    def pqfactory(self, slot: str, startprios: Iterable[int] = ()) -> ScrapyPriorityQueue:
        """The priority queue of a slot."""
        return ScrapyPriorityQueue(
            self.crawler,
            self.downstream_queue_cls,
            self._folder(slot),
            startprios,
            start_queue_cls=self._start_queue_cls,
        )

    def _folder(self, slot: str) -> str:
        return f"{self.key}/{_path_safe(slot)}"

    def _add(self, slot: str, startprios: Iterable[int] = ()) -> ScrapyPriorityQueue:
        queue = self.pqueues[slot] = self.pqfactory(slot, startprios)
        self._ring.add(slot)
        return queue

    def push(self, request: Request) -> None:
        """Take a request. Raises ValueError for one that the queue cannot keep."""
        slot = self._downloader.get_slot_key(request)
        queue = self.pqueues.get(slot)
        if queue is None:
            queue = self._add(slot)
        try:
            queue.push(request)
        finally:
            self._drop_if_empty(slot, queue)

    def pop(self) -> Request | None:
        """The next request, which leaves; None when there is none."""
        request: Request | None = None
        while request is None:
            slot = self._ring.next()
            if slot is None:
                return None
            self._ring.took(slot)
            queue = self.pqueues[slot]
            request = queue.pop()
            self._drop_if_empty(slot, queue)
        return request

    def _drop_if_empty(self, slot: str, queue: ScrapyPriorityQueue) -> None:
        if len(queue):
            return
        queue.close()
        del self.pqueues[slot]
        self._ring.remove(slot)
        _remove_empty_folder(self._folder(slot))

    def peek(self) -> Request | None:
        """The next request, which stays. Raises NotImplementedError when the queues cannot tell."""
        slot = self._ring.next()
        return None if slot is None else self.pqueues[slot].peek()

    def close(self) -> dict[str, list[int]]:
        """Close the queues; gives the priorities at which requests are left, by slot."""
        left = {slot: queue.close() for slot, queue in self.pqueues.items()}
        self.pqueues.clear()
        self._ring = SlotRing(self._downloader)
        return left

    def __len__(self) -> int:
        return sum(map(len, self.pqueues.values()))

    def __contains__(self, slot: str) -> bool:
        return slot in self.pqueues


def refuse_slots_by_address(settings: BaseSettings) -> None:
    """Raises ValueError for CONCURRENT_REQUESTS_PER_IP: a request's address is known too late to choose its slot."""
    if settings.getint("CONCURRENT_REQUESTS_PER_IP"):
        raise ValueError('"DownloaderAwarePriorityQueue" does not support CONCURRENT_REQUESTS_PER_IP')


def in_next_round() -> Callable[..., object] | None:
    """What plans a call for the next round of the running loop; None when none runs."""
    try:
        return asyncio.get_running_loop().call_soon
    except RuntimeError:
        return None


def _path_safe(name: str) -> str:
    """A folder's name for a slot: as much of its name as any file system takes, and a hash to tell slots apart."""
    readable = re.sub(r"[^A-Za-z0-9._-]", "_", name)[:100]
    return f"{readable}-{sha1(name.encode(), usedforsecurity=False).hexdigest()}"


def _remove_empty_folder(path: str) -> None:
    """Remove the folder if there is one and nothing is in it."""
    try:
        Path(path).rmdir()
    except OSError:
        return
