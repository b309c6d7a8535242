"""The lease frontier in memory: for the processes of one crawl.

The one rule: what a call costs follows what it gives or takes, whatever the number of hosts and entries that wait.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from shoal.crawl.frontier.leases import AT_ONCE, Ack, Entry, Lease, LeaseStats

if TYPE_CHECKING:
    from collections.abc import Iterable

# What waits: (-priority, number in the order of arrival, data).
_Waiting = tuple[int, int, str]


class _Host:
    """A host: its entries, whose it is, and the leases of it. `queued`: it stands in a queue, once."""

    __slots__ = ("delay", "name", "next_allowed", "out", "owner", "queued", "turn", "waiting")

    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting: list[_Waiting] = []  # a heap
        self.out: dict[int, _Out] = {}
        self.owner: str | None = None
        self.next_allowed = 0.0
        self.delay = 0.0
        self.queued = False
        self.turn = 0

    def has_room(self, worker: str) -> bool:
        """Whether the worker may have another lease of it."""
        return len(self.out) < AT_ONCE or sum(lease.worker == worker for lease in self.out.values()) < AT_ONCE

    def rests(self) -> bool:
        """Whether nothing of it is to be leased now: nothing waits, or its owner has enough of it."""
        return not self.waiting or (self.owner is not None and len(self.out) >= AT_ONCE)


class _Out:
    """A lease that stands."""

    __slots__ = ("ends", "entries", "host", "worker")

    def __init__(self, host: _Host, worker: str, entries: list[_Waiting], ends: float) -> None:
        self.host = host
        self.worker = worker
        self.entries = entries
        self.ends = ends


class MemoryLeases:
    """A LeaseFrontier whose contents end with the process."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self._seen: set[bytes] = set()
        self._out: dict[int, _Out] = {}
        # Owner, or None -> hosts that may go, in the order of their turns.
        self._ready: dict[str | None, deque[_Host]] = {None: deque()}
        # Hosts that have entries and must not be asked: (until, number, host); a heap.
        self._paused: list[tuple[float, int, _Host]] = []
        # (moment, token); a heap. Void where the lease has ended, or was extended.
        self._ends: list[tuple[float, int]] = []
        self._number = self._token = self._turn = 0
        self._added = self._leased = self._waiting = self._returned = self._stale = 0

    def add(self, entries: Iterable[Entry]) -> int:
        """Take entries; how many of them were new."""
        seen, hosts, number = self._seen, self._hosts, self._number
        for name, data, fingerprint, priority in entries:
            if fingerprint is not None:
                if fingerprint in seen:
                    continue
                seen.add(fingerprint)
            number += 1
            host = hosts.get(name)
            if host is None:
                host = hosts[name] = _Host(name)
            heappush(host.waiting, (-priority, number, data))
            if not host.queued:
                self._queue(host)
        new = number - self._number
        self._number = number
        self._added += new
        self._waiting += new
        return new

    def _queue(self, host: _Host) -> None:
        """Give the host its place in the queue where it belongs, if it has anything to wait for there."""
        if host.queued or host.rests():
            return
        host.queued = True
        if host.next_allowed > 0:
            # Whether that has passed is seen when the time is known.
            self._token += 1
            heappush(self._paused, (host.next_allowed, self._token, host))
        else:
            self._turn += 1
            host.turn = self._turn
            self._ready.setdefault(host.owner, deque()).append(host)

    def lease(
        self, worker: str, hosts: int, per_host: int, ttl: float, now: float, *, shared: bool = False
    ) -> list[Lease]:
        """At most `hosts` leases for a worker, each of another host and of 1 to `per_host` entries."""
        self._end_overdue(now)
        self._wake(now)
        given: list[Lease] = []
        had: list[_Host] = []
        while len(given) < hosts and (host := self._next(worker)) is not None:
            if host.next_allowed <= max(now, 0.0) and host.waiting and host.has_room(worker):
                given.append(self._give(host, None if shared else worker, worker, per_host, now + ttl))
            had.append(host)
        for host in had:
            self._queue(host)
        return given

    def _next(self, worker: str) -> _Host | None:
        """The host whose turn it is, among those of the worker and those of nobody; it leaves its queue."""
        queues = [queue for queue in (self._ready.get(worker), self._ready[None]) if queue]
        if not queues:
            return None
        host = min(queues, key=_turn_of_first).popleft()
        host.queued = False
        return host

    def _wake(self, now: float) -> None:
        """Hosts whose pause is over have a turn again."""
        paused = self._paused
        while paused and paused[0][0] <= now:
            host = heappop(paused)[2]
            if host.next_allowed <= now:
                host.next_allowed = 0.0
            host.queued = False
            self._queue(host)

    def _give(self, host: _Host, owner: str | None, worker: str, per_host: int, ends: float) -> Lease:
        waiting = host.waiting
        entries = [heappop(waiting) for _ in range(min(per_host, len(waiting)))]
        host.owner = owner
        self._token += 1
        token = self._token
        self._out[token] = host.out[token] = _Out(host, worker, entries, ends)
        heappush(self._ends, (ends, token))
        self._waiting -= len(entries)
        self._leased += len(entries)
        return Lease(token, host.name, tuple([entry[2] for entry in entries]), host.delay)

    def _end_overdue(self, now: float) -> None:
        ends = self._ends
        while ends and ends[0][0] <= now:
            moment, token = heappop(ends)
            lease = self._out.get(token)
            if lease is not None and lease.ends == moment:
                self._take_from(lease.host, lease.worker)

    def _take_from(self, host: _Host, worker: str) -> int:
        """End the worker's leases of a host, which is nobody's from now on. How many entries wait again."""
        tokens = [token for token, lease in host.out.items() if lease.worker == worker]
        count = sum(self._put_back(host, self._end(token).entries) for token in tokens)
        self._returned += count
        if host.owner == worker:
            self._disown(host)
        self._queue(host)
        return count

    def _disown(self, host: _Host) -> None:
        mine = self._ready.get(host.owner)
        host.owner = None
        if mine and host in mine:
            mine.remove(host)
            host.queued = False

    def _end(self, token: int) -> _Out:
        lease = self._out.pop(token)
        del lease.host.out[token]
        self._leased -= len(lease.entries)
        return lease

    def _put_back(self, host: _Host, entries: list[_Waiting]) -> int:
        for entry in entries:
            heappush(host.waiting, entry)
        self._waiting += len(entries)
        return len(entries)

    def extend(self, tokens: Iterable[int], ttl: float, now: float) -> set[int]:
        """Let leases last until `now + ttl`; those of the tokens whose leases still stood."""
        self._end_overdue(now)
        standing = {token for token in tokens if token in self._out}
        for token in standing:
            self._out[token].ends = now + ttl
            heappush(self._ends, (now + ttl, token))
        return standing

    def ack(self, acks: Iterable[Ack], now: float) -> int:
        """End leases; how many entries are done by it. Acks of leases that do not stand any more are counted."""
        self._end_overdue(now)
        done = 0
        for token, next_allowed, delay, undone in acks:
            if token not in self._out:
                self._stale += 1
                continue
            lease = self._end(token)
            host = lease.host
            again = [lease.entries[position] for position in set(undone)]
            done += len(lease.entries) - self._put_back(host, again)
            if delay is not None:
                host.delay = delay
            host.next_allowed = max(host.next_allowed, next_allowed)
            self._queue(host)
        return done

    def release(self, worker: str, now: float) -> int:  # noqa: ARG002  for those who note when
        """The worker is gone: its leases end, its hosts are nobody's. How many entries wait again."""
        mine = [host for host in self._hosts.values() if host.owner == worker]
        mine += [lease.host for lease in self._out.values() if lease.worker == worker and lease.host.owner != worker]
        return sum(self._take_from(host, worker) for host in mine)

    def pause(self, host: str, until: float) -> None:
        """Lease nothing of this host before that moment; a later one that is known already stays."""
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = _Host(host)
        found.next_allowed = max(found.next_allowed, until)

    def next_turn(self, now: float) -> float | None:
        """The earliest end of a pause or of a lease after `now`; None when there is none."""
        ends = self._ends
        while ends and not self._stands(*ends[0]):
            heappop(ends)
        moments = [queue[0][0] for queue in (self._paused, ends) if queue]
        return max(min(moments), now) if moments else None

    def _stands(self, moment: float, token: int) -> bool:
        lease = self._out.get(token)
        return lease is not None and lease.ends == moment

    def stats(self) -> LeaseStats:
        """How many entries are where."""
        done = self._added - self._waiting - self._leased
        return LeaseStats(self._added, done, self._leased, self._waiting, self._returned, self._stale)

    def close(self) -> None:
        """Nothing of it outlives the process."""


def _turn_of_first(queue: deque[_Host]) -> int:
    return queue[0].turn
