"""One partition of the frontier: a server that does one thing at a time, and takes the measured time for each.

It follows the contract of `shoal.crawl.frontier.leases`: a host belongs to the worker that had its first lease, which
has at most `AT_ONCE` leases of it; tokens tell whether a lease still stands; what is lost waits again.

The one rule: the state changes when a message arrives, the answer leaves when the server has done what came before.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import NamedTuple

from benchmarks.simulated.costs import Costs
from benchmarks.simulated.hosts import Hosts
from shoal.crawl.frontier.leases import AT_ONCE


class Given(NamedTuple):
    """A lease: so many pages of a host. `since` is when it was given."""

    token: int
    host: int
    pages: int
    worker: object
    since: float


class Partition:
    """Those of the hosts that are `number` modulo `among`. Each may be with so many `sharers` at once; 0: with one."""

    def __init__(self, hosts: Hosts, costs: Costs, number: int, among: int, sharers: int = 0) -> None:
        self.hosts = hosts
        self.own = range(number, len(hosts), among)
        self.added = self.waiting = sum(hosts.added[host] for host in self.own)
        self.done = self.leased = self.returned = self.stale = 0
        self.out: dict[int, Given] = {}
        self.free_at = self.busy = self.down_until = self.longest_queue = 0.0
        self._of: dict[int, list[int]] = {}
        self._costs = costs
        self._owned = not sharers
        self._at_once = AT_ONCE * max(1, sharers)
        self._token = 0
        # (turn, host): of those that may go, the one that has been able to for longest goes first.
        self._ready: dict[object | None, deque[tuple[int, int]]] = {None: deque()}
        self._turn = 0
        self._paused: list[tuple[float, int]] = []
        for host in self.own:
            self._queue(host)

    def serve(self, now: float, seconds: float) -> float:
        """When a piece of work that arrives now is done."""
        begin = max(now, self.free_at, self.down_until)
        self.longest_queue = max(self.longest_queue, begin - max(now, self.down_until))
        self.free_at = begin + seconds
        self.busy += seconds
        return self.free_at

    def busy_until(self, now: float) -> float:
        """Seconds of work so far; what still waits is not counted."""
        return self.busy - max(0.0, self.free_at - now)

    def unowned(self) -> int:
        """Hosts that are nobody's and may go."""
        return len(self._ready[None])

    def lease(self, worker: object, room: int, most_new: int, batch: int, now: float) -> list[Given]:
        """Leases for a worker until it has `room` pages more, of at most `most_new` hosts that are nobody's yet."""
        self._wake(now)
        given: list[Given] = []
        own, free = self._ready.setdefault(worker, deque()), self._ready[None]
        while room > 0 and (own or (free and most_new > 0)):
            queue = own if not (free and most_new > 0) or (own and own[0] < free[0]) else free
            most_new -= queue is free
            host = queue.popleft()[1]
            self.hosts.queued[host] = False
            lease = self._give(host, worker, batch, now)
            room -= lease.pages
            given.append(lease)
            self._queue(host)
        return given

    def _give(self, host: int, worker: object, batch: int, now: float) -> Given:
        hosts = self.hosts
        pages = min(batch, hosts.waiting[host])
        hosts.waiting[host] -= pages
        hosts.leases[host] += 1
        hosts.owner[host] = worker if self._owned else None
        self.waiting -= pages
        self.leased += pages
        self._token += 1
        lease = self.out[self._token] = Given(self._token, host, pages, worker, now)
        self._of.setdefault(host, []).append(self._token)
        return lease

    def _queue(self, host: int) -> None:
        hosts = self.hosts
        if hosts.queued[host] or not hosts.waiting[host] or hosts.leases[host] >= self._at_once:
            return
        hosts.queued[host] = True
        if hosts.allowed[host] > 0:
            heappush(self._paused, (hosts.allowed[host], host))
        else:
            self._turn += 1
            self._ready.setdefault(hosts.owner[host], deque()).append((self._turn, host))

    def _wake(self, now: float) -> None:
        while self._paused and self._paused[0][0] <= now:
            host = heappop(self._paused)[1]
            if self.hosts.allowed[host] <= now:
                self.hosts.allowed[host] = 0.0
            self.hosts.queued[host] = False
            self._queue(host)

    def ack(self, token: int, fresh: int) -> float:
        """A lease is done, each page with at most so many new links; its half of the costs, 0 if refused."""
        if token not in self.out:
            self.stale += 1
            return 0.0
        lease = self._take_off(token)
        self.done += lease.pages
        new = self.hosts.discover(lease.host, fresh * lease.pages)
        self.added += new
        self.waiting += new
        self._queue(lease.host)
        return self._costs.of(leases=1, pages=lease.pages) / 2 + self._costs.of(new=new)

    def end(self, token: int, allowed: float) -> list[int]:
        """The time of a lease is over, and with it all that its worker has of the host; the tokens of what ended.

        The pages wait again; the host is nobody's and not asked before `allowed`.
        """
        lease = self.out.get(token)
        if lease is None:
            return []
        ended = [other for other in self._of[lease.host] if self.out[other].worker is lease.worker]
        for other in ended:
            self._take_back(self._take_off(other))
        self._disown(lease.host, allowed)
        return ended

    def _take_back(self, lease: Given) -> None:
        self.hosts.waiting[lease.host] += lease.pages
        self.waiting += lease.pages
        self.returned += lease.pages

    def _take_off(self, token: int) -> Given:
        lease = self.out.pop(token)
        self._of[lease.host].remove(token)
        self.hosts.leases[lease.host] -= 1
        self.leased -= lease.pages
        return lease

    def _disown(self, host: int, allowed: float) -> None:
        hosts = self.hosts
        owner, hosts.owner[host] = hosts.owner[host], None
        hosts.allowed[host] = max(hosts.allowed[host], allowed)
        queue = self._ready.get(owner, deque())
        place = next((place for place in queue if place[1] == host), None)
        if place is not None:
            queue.remove(place)
            hosts.queued[host] = False
        self._queue(host)

    def release(self, worker: object, allowed: float) -> list[int]:
        """A worker is gone, and with it its leases and hosts; the tokens of what ended."""
        ended = [token for token, lease in self.out.items() if lease.worker is worker]
        for token in ended:
            self.end(token, allowed)
        for _, host in self._ready.pop(worker, ()):
            self.hosts.queued[host] = False
            self.hosts.owner[host] = None
            self._queue(host)
        return ended

    def audit(self) -> None:
        """Nothing is lost and nothing is there twice. Raises AssertionError."""
        hosts = self.hosts
        assert self.added == self.done + self.waiting + self.leased
        assert self.added == sum(hosts.added[host] for host in self.own)
        assert self.waiting == sum(hosts.waiting[host] for host in self.own)
        assert self.leased == sum(lease.pages for lease in self.out.values())
