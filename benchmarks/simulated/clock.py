"""Virtual time: deeds in the order of their moments.

The one rule: time stands still while something is done, and of deeds at one moment the one that was planned first goes
first, so that the same seed gives the same run.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any


class Clock:
    """`now` in seconds since the beginning; `events` counts what has been done."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events = 0
        self._planned: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._number = 0

    def at(self, moment: float, deed: Callable[..., object], *arguments: Any) -> None:
        """Do it then."""
        self._number += 1
        heappush(self._planned, (moment, self._number, deed, arguments))

    def run(self, until: float, over: Callable[[], bool] = lambda: False) -> None:
        """Do all that is planned, and what comes of it, until that moment or until it is over."""
        while self._planned and not over():
            moment, _, deed, arguments = heappop(self._planned)
            if moment > until:
                self.now = until
                return
            self.now = moment
            self.events += 1
            deed(*arguments)
