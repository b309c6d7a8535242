"""The frontier of a crawl that several workers share: requests as data, given out in leases.

A *lease* is a batch of one host's requests for one worker, for a time. A host belongs to the worker that had its first
lease, until that worker is gone (`release`): cookies, connections and what was learnt of the host stay where they are,
and nobody else asks the host anything. With `shared`, a host's batches may be with several workers at once.

The contract, for a backend in memory, in a file or in a database:

- `add` takes what is new by its fingerprint; an entry without one is always new. What is new waits under its host.
- Of a host's waiting entries, those of the highest priority go first, and among equals those that came first. Hosts
  take turns: of those that may be asked now, the one that has been able to go for longest is first.
- A worker has at most `AT_ONCE` leases of the same host, so that it has the next batch before this one is done.
- A lease ends by `ack`, or by its time: at `now + ttl`, unless it was extended, its entries wait again, in their old
  places; so do those of the worker's other leases of this host, which is nobody's from then on.
- Each token is given once, and later tokens are greater; an ack or extension of a lease that has ended is refused. So a
  worker that was paused cannot finish what somebody else does by now.
- An entry is done when its lease is acknowledged and does not name it as `undone`.
- Time is told (`now`, in seconds of any clock that all calls share) and may jump in either direction: a jump forward
  can only end leases early, one backwards can only keep hosts waiting.

The one rule: an entry that was added waits, or is leased, or is done; nothing else can happen to it. A crash repeats
work and never drops it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AT_ONCE = 2
"""Leases of one host that one worker may have at the same time."""


class Entry(NamedTuple):
    """A request that waits.

    `host` is the key under which requests stay together; `data` is the request as JSON text, into which a frontier
    never looks; `fingerprint` is 8 bytes or more that are the same for requests of the same thing (a backend may keep
    the first 8 alone), None for a request that is never a duplicate. The greater `priority` goes first.
    """

    host: str
    data: str
    fingerprint: bytes | None = None
    priority: int = 0


class Lease(NamedTuple):
    """A batch: the `data` of `entries` of one host. `delay` is what the last ack said of the host, 0 at first."""

    token: int
    host: str
    entries: tuple[str, ...]
    delay: float = 0.0


class Ack(NamedTuple):
    """The end of a lease.

    The host is not leased to anybody before `next_allowed` (a later moment that is known already stays); `delay` is the
    time between two of its requests, in seconds, for whoever has the host next (None: as before). `undone` are the
    positions in the lease of entries that have not been carried out and wait again, in their old places.
    """

    token: int
    next_allowed: float = 0.0
    delay: float | None = None
    undone: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class LeaseStats:
    """Numbers of entries: `added` = `done` + `leased` + `waiting`, always.

    `returned` counts entries that came back, by time or `release`, and `stale` the acks that were refused.
    """

    added: int = 0
    done: int = 0
    leased: int = 0
    waiting: int = 0
    returned: int = 0
    stale: int = 0


class LeaseFrontier(Protocol):
    """Where requests wait that several workers share."""

    def add(self, entries: Iterable[Entry]) -> int:
        """Take entries; how many of them were new."""
        ...

    def lease(
        self, worker: str, hosts: int, per_host: int, ttl: float, now: float, *, shared: bool = False
    ) -> list[Lease]:
        """At most `hosts` leases for a worker, each of another host and of 1 to `per_host` entries.

        First ends the leases whose time is over. Without `shared`, only hosts that are the worker's or nobody's; with
        it, hosts become nobody's own. All calls of one crawl say the same.
        """
        ...

    def extend(self, tokens: Iterable[int], ttl: float, now: float) -> set[int]:
        """Let leases last until `now + ttl`; those of the tokens whose leases still stood."""
        ...

    def ack(self, acks: Iterable[Ack], now: float) -> int:
        """End leases; how many entries are done by it. Acks of leases that do not stand any more are counted."""
        ...

    def release(self, worker: str, now: float) -> int:
        """The worker is gone: its leases end, its hosts are nobody's. How many entries wait again."""
        ...

    def pause(self, host: str, until: float) -> None:
        """Lease nothing of this host before that moment; a later one that is known already stays."""
        ...

    def next_turn(self, now: float) -> float | None:
        """When `lease` can next have something for anybody that it has not now: the earliest end of a pause or of a
        lease after `now`; None when there is none."""
        ...

    def stats(self) -> LeaseStats:
        """How many entries are where."""
        ...

    def close(self) -> None:
        """End; what is kept on disk is complete. Leases that stand are as if their workers had crashed."""
        ...
