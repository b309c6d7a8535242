"""What a practice site saw of its visitors: the numbers a test wants to know afterwards.

The one rule: it is told the time and only remembers; the questions (gaps, pauses) are answered from the memory.
"""

from __future__ import annotations

from collections import Counter, deque
from itertools import pairwise

REMEMBERED = 200_000  # moments; the oldest are forgotten first


class Observed:
    """Counted by the server (`requests`, `in_flight`, `most_in_flight`) and by the site (`counts`, `refused`).

    moments  when each request came, in seconds, in order
    refused  when the site refused one ("too frequent"), in order
    counts   whatever the site counts, by name, such as "data pages"
    """

    __slots__ = ("moments", "refused", "counts", "requests", "in_flight", "most_in_flight")

    def __init__(self) -> None:
        self.moments: deque[float] = deque(maxlen=REMEMBERED)
        self.refused: deque[float] = deque(maxlen=REMEMBERED)
        self.counts: Counter[str] = Counter()
        self.requests = 0
        self.in_flight = 0
        self.most_in_flight = 0

    def arrive(self, at: float) -> None:
        """A request has been read."""
        self.moments.append(at)
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def leave(self) -> None:
        """Its answer has been sent, or nobody waits for it any more."""
        self.in_flight -= 1

    def refuse(self, at: float) -> None:
        """The site refused one."""
        self.refused.append(at)

    @property
    def refusals(self) -> int:
        """How often the site refused."""
        return len(self.refused)

    def gaps(self) -> list[float]:
        """Seconds between each request and the one before."""
        moments = list(self.moments)
        return [later - earlier for earlier, later in pairwise(moments)]

    def between(self, start: float, end: float) -> int:
        """How many requests came after `start` and before `end`."""
        return sum(start < moment < end for moment in list(self.moments))  # the server may add to it meanwhile

    def in_pause(self, pause: float, grace: float = 0.0) -> int:
        """How many requests came within `pause` seconds after a refusal, which should be none.

        The first `grace` seconds do not count: what was under way when the refusal was given arrives then. A refusal
        within such a pause does not begin another.
        """
        found, end = 0, float("-inf")
        for refused in list(self.refused):
            if refused >= end:
                end = refused + pause
                found += self.between(refused + grace, end)
        return found

    def summary(self) -> dict[str, int]:
        """The numbers by name."""
        whole = {"requests": self.requests, "most in flight": self.most_in_flight, "refusals": self.refusals}
        return whole | dict(self.counts)
