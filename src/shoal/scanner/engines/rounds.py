"""Which address of a ping sweep is asked next, and which tries are still waited for.

The one rule: every address is in exactly one place (not yet asked, young, parked, old) until it is settled, and a late
answer finds it in each of them but the first. First tries go before retries, so that a retry comes a round later and
a burst of loss does not swallow both. Pure: opens nothing and is told the time.
"""

from __future__ import annotations

from itertools import islice

from shoal.scanner.probes import blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoal.scanner.probes import Block, Job

    Probe = tuple[str, Block, int, tuple[float, ...]]
    """An address, its block, the number of this try (0 is the first), and when the earlier ones were sent."""
    Try = tuple[float, Probe]
    """When it was sent, and what."""

OPEN_BLOCKS = 12
"""Blocks under way at once: the next begin while the silent addresses of the first are asked again. Each is 4,096
addresses, and a silent one costs 0.4 kB."""


class Lane:
    """Tries of one kind by address, in the order they were sent (which a dictionary keeps)."""

    __slots__ = ("since", "tries")

    def __init__(self) -> None:
        self.tries: dict[str, Try] = {}
        self.since = 0.0
        """No try in here was sent before."""

    def expired(self, wait: float, now: float) -> list[Try]:
        """Take out the tries that have waited `wait` seconds or more."""
        if not self.tries or self.since + wait > now:
            return []
        late: list[Try] = []
        for tried in self.tries.values():
            self.since = tried[0]
            if tried[0] + wait > now:
                break
            late.append(tried)
        for _, probe in late:
            del self.tries[probe[0]]
        return late

    def first(self, count: int) -> list[Try]:
        """Take out the oldest `count`."""
        taken = list(islice(self.tries.values(), count))
        for _, probe in taken:
            del self.tries[probe[0]]
        return taken


class Rounds:
    """Where every address of a job is. `young`: asked lately; `parked`: silent, to be asked again; `old`: asked for
    the last time, waited for until it is given up."""

    def __init__(self, job: Job) -> None:
        self.young = Lane()
        self.parked = Lane()
        self.old = Lane()
        self.stopped = False
        self._returned: list[Probe] = []
        self._blocks = blocks(job)
        self._shard = job.shard
        self._open = 0
        self._fresh: Iterator[Probe] = iter(())
        self._drained = not self._open_next()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to send or to wait for."""
        if self.young.tries or self.old.tries:
            return False
        return self.stopped or (self._drained and not self.parked.tries and not self._returned)

    @property
    def in_flight(self) -> int:
        """Requests that are unanswered and whose time is not over."""
        return len(self.young.tries) + len(self.old.tries)

    def take(self, count: int) -> list[Probe]:
        """Up to `count` probes that may be sent now; empty when something must end first."""
        if self._returned:
            taken, self._returned = self._returned[:count], self._returned[count:]
            return taken
        while not self._drained:
            taken = list(islice(self._fresh, count))
            if taken:
                return taken
            if self._open >= OPEN_BLOCKS:
                break
            self._drained = not self._open_next()
        return [(probe[0], probe[1], probe[2] + 1, (*probe[3], at)) for at, probe in self.parked.first(count)]

    def give_back(self, probes: list[Probe]) -> None:
        """They could not be sent: a first try comes first next time, a retry is parked, for its answer may yet come."""
        for address, block, attempt, earlier in probes:
            if attempt:
                self.parked.tries[address] = earlier[-1], (address, block, attempt - 1, earlier[:-1])
            else:
                self._returned.append((address, block, 0, ()))

    def find(self, address: str) -> tuple[Lane, Try] | None:
        """The try of an address that was asked and is not settled."""
        for lane in (self.young, self.parked, self.old):
            tried = lane.tries.get(address)
            if tried:
                return lane, tried
        return None

    def closed(self) -> None:
        """A block is complete: another may begin."""
        self._open -= 1

    def _open_next(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._open += 1
        addresses = block.addresses
        self._fresh = ((addresses[number], block, 0, ()) for number in block.order.walk(self._shard))
        return True


def sent_at(tried: Try, attempt: int) -> float | None:
    """When try number `attempt` of this address was sent, None if it never was."""
    latest, probe = tried
    times = (*probe[3], latest)
    return times[attempt] if attempt < len(times) else None
