"""The frontier: requests that wait, and the order in which they go.

The contract, for one in memory, on disk, or in a database:

- `push(request)` takes a request, or raises ValueError when it cannot keep it (it then has not taken it);
- `pop()` gives the next request, or None when none is ready; `peek()` gives the same one and leaves it;
- `len(frontier)` is how many wait, whether ready or not;
- `close()` gives what a successor needs to go on: JSON values, or nothing.

The order is Scrapy's, and the same for all of them: the highest `priority` first; among equals, requests that callbacks
made before those of the spider's start; among these the newest first (depth first) for those of callbacks and the
oldest first for those of the start. With download slots, the slot with the fewest active downloads goes first.
The one rule: nothing here filters or counts. Duplicates and statistics are the scheduler's business, once for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from shoal.crawl.request import Request


class Frontier(Protocol):
    """Where requests wait."""

    def push(self, request: Request) -> None:
        """Take a request. Raises ValueError for one that it cannot keep."""

    def pop(self) -> Request | None:
        """The next request, which leaves; None when none is ready."""

    def peek(self) -> Request | None:
        """The next request, which stays."""

    def close(self) -> Any:
        """End, and say what a successor needs to go on."""

    def __len__(self) -> int:
        """How many wait."""
        ...


class DownloadSlots(Protocol):
    """What a frontier asks of the downloader: the slot of a request, and how busy each slot is."""

    #: Name of a slot -> an object whose `active` holds what it has been given and not finished.
    slots: Any

    def get_slot_key(self, request: Request) -> str:
        """The name of the slot that the request will be downloaded in."""


def is_start_request(request: Request) -> bool:
    """Whether the request is one of the spider's start; such requests may have queues of their own."""
    meta = request._meta
    return meta is not None and bool(meta.get("is_start_request"))
