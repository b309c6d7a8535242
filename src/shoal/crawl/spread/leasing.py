"""Which worker gets how much, and when; and who has been silent for too long.

Leases end with their worker, not one by one: so its hosts can be given a rest before somebody else asks them.

The one rule: whoever has least gets next, so that hosts spread; and batches are as large as a worker does in about
`_QUICK` to `_SLOW` seconds, so that neither messages nor repeated work after a crash are many. Pure: told the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.frontier.leases import Ack, Lease

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoal.crawl.frontier.leases import LeaseFrontier

_FIRST, _MOST = 8, 256
_QUICK, _SLOW = 0.1, 0.8
_WINDOW = 512
_FOR_EVER = float("inf")


class _Worker:
    __slots__ = ("given", "leases", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        #: Token -> (host, entries, when it was leased).
        self.leases: dict[int, tuple[str, int, float]] = {}
        self.given = 0


class Leasing:
    """Gives leases of a frontier to workers that have joined. Numbers are the workers' own."""

    def __init__(self, frontier: LeaseFrontier, *, shared: bool, at_once: int, ttl: float, delay: float = 0.0) -> None:
        """`at_once` is how many requests a worker has on their way, `ttl` how long a worker may be silent.

        `delay` is the least time between two requests to a host.
        """
        self.frontier = frontier
        self._shared = shared
        self._window = max(_WINDOW, 4 * at_once)
        self._ttl = ttl
        self._workers: dict[int, _Worker] = {}
        self._batch = _FIRST
        self._renewed: dict[int, float] = {}
        self._delay = delay
        # Hosts that are asked at another distance.
        self._delays: dict[str, float] = {}

    def join(self, number: int, now: float) -> None:
        """A worker is ready."""
        self._workers[number] = _Worker(f"w{number}")
        self._renewed[number] = now

    def leave(self, number: int, now: float) -> int:
        """A worker is gone: how many requests wait again. Nobody asks its hosts sooner than it would have done."""
        worker = self._workers.pop(number, None)
        if worker is None:
            return 0
        for host in {host for host, _, _ in worker.leases.values()}:
            if delay := self._delays.get(host, self._delay):
                # A delay varies, by half of it at most.
                self.frontier.pause(host, now + 1.5 * delay)
        return self.frontier.release(worker.name, now)

    def tokens(self, number: int) -> list[int]:
        """Of the leases that a worker has."""
        worker = self._workers.get(number)
        return [] if worker is None else list(worker.leases)

    def has(self, number: int) -> bool:
        """Whether a worker has leases."""
        worker = self._workers.get(number)
        return worker is not None and bool(worker.leases)

    def give(self, now: float) -> Iterator[tuple[int, list[Lease]]]:
        """New leases by worker."""
        given: dict[int, list[Lease]] = {}
        open_to = {number: worker for number, worker in self._workers.items() if worker.given < self._window}
        size = self._size()
        while open_to:
            number = min(open_to, key=lambda one: open_to[one].given)
            worker = open_to[number]
            # One by one while there is little, so that hosts are dealt out evenly.
            hosts = 1 + len(worker.leases) // 16
            leases = self.frontier.lease(worker.name, hosts, size, _FOR_EVER, now, shared=self._shared)
            for lease in leases:
                worker.leases[lease.token] = lease.host, len(lease.entries), now
                worker.given += len(lease.entries)
            if leases:
                given.setdefault(number, []).extend(leases)
            if not leases or worker.given >= self._window:
                del open_to[number]
        yield from given.items()

    def _size(self) -> int:
        """Near the end, and at the beginning, no worker takes what another could do."""
        if not self._shared:
            return self._batch
        fair = self.frontier.stats().waiting // (2 * max(len(self._workers), 1))
        return min(self._batch, max(fair, 2))

    def ack(self, number: int, acks: Iterable[Ack], now: float) -> int:
        """A worker has done leases: how many requests are done."""
        worker = self._workers.get(number)
        if worker is None:
            return 0
        taken = [Ack(*ack) for ack in acks]
        for ack in taken:
            host, count, since = worker.leases.pop(ack.token, ("", 0, now))
            worker.given -= count
            if ack.delay is not None and ack.delay != self._delay:
                self._delays[host] = ack.delay
            self._learn(now - since, count)
        return self.frontier.ack(taken, now)

    def _learn(self, seconds: float, count: int) -> None:
        if seconds < _QUICK and count >= self._batch:
            self._batch = min(self._batch * 2, _MOST)
        elif seconds > _SLOW and count >= self._batch:
            self._batch = max(self._batch // 2, 1)

    def renew(self, number: int, now: float) -> bool:
        """A sign of life: its leases last, if it is time to say so."""
        worker = self._workers.get(number)
        due = worker is not None and now > self._renewed[number] + self._ttl / 3
        if due:
            self._renewed[number] = now
        return due

    def silent(self, now: float) -> list[int]:
        """Who has been silent for as long as leases last. Whoever calls this lets them `leave`."""
        return [number for number in self._workers if now > self._renewed[number] + self._ttl]
