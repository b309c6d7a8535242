"""The hosts of a simulated crawl: what of each is known, waits, is leased or done, and when it was asked.

The one rule: every page that was added waits, is leased or is done, and no host is asked before its delay is over;
both are asserted, the first from what the hosts say and what the partitions have counted, the second from the moments
of the requests themselves and not from what the frontier knows.
"""

from __future__ import annotations

from collections.abc import Sequence

NEVER = -1e18
_ROUNDING = 1e-6


class Hosts:
    """A column for each property; a host is a row. `gap` is the delay that a host asks for, seconds."""

    def __init__(self, sizes: Sequence[int], seeds: int, gap: float) -> None:
        self.gap = gap
        self.sizes = list(sizes)
        self.added = [min(size, seeds) for size in sizes]
        self.waiting = self.added[:]
        self.leases = [0] * len(sizes)
        self.owner: list[object | None] = [None] * len(sizes)
        self.allowed = [0.0] * len(sizes)
        self.queued = [False] * len(sizes)
        self._asked = [NEVER] * len(sizes)

    def __len__(self) -> int:
        return len(self.sizes)

    def ask(self, host: int, first: float, last: float) -> None:
        """Requests from `first` to `last`."""
        soonest = self._asked[host] + self.gap - _ROUNDING if self.gap else NEVER
        assert first >= soonest, f"host {host} is asked before its delay is over"
        self._asked[host] = last

    def stop_asking(self, host: int, moment: float) -> None:
        """Whoever asks it has died, and what was to come later has not been asked."""
        self._asked[host] = min(self._asked[host], moment)

    def discover(self, host: int, links: int) -> int:
        """Pages that are found by so many links: those that are left, at most."""
        new = min(self.sizes[host] - self.added[host], links)
        self.added[host] += new
        self.waiting[host] += new
        return new


def zipf(pages: int, hosts: int, exponent: float, most: int = 0) -> list[int]:
    """Sizes of hosts: the i-th has a share of 1 / i ** exponent (0: all the same), from 1 page up to `most`."""
    weights = [1 / (number + 1) ** exponent for number in range(hosts)]
    whole = sum(weights)
    sizes = [max(1, round(pages * weight / whole)) for weight in weights]
    return [min(size, most) for size in sizes] if most else sizes
