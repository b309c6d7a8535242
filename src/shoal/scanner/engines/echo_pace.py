"""How much of a ping sweep may be in flight, how long each try is waited for, and how many tries there are.

The one rule: nothing is known of a host before it answers. The round trips of those that did shorten the time to the
next try of the others, never the wait for their last. Pure: told the time.
"""

from __future__ import annotations

from shoal.pace.timing import BLIND_TIMEOUT, SAMPLE_ENOUGH, Loss, Timeout, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sized

    from shoal.scanner.probes import Job

FIRST_WINDOW = 512.0
"""Requests in flight before anything is known: 23 kB on the wire, about what TCP begins with (RFC 6928)."""

MOST_IN_FLIGHT = 32_768.0
"""Requests that may wait for a reply at once. Replies that exceed the receive buffer are lost, found to be lost, and
the window is cut: this bound only keeps a dead network from being swept faster than it could be noticed alive."""

RETRY_SPACING = 0.1
"""Seconds between two tries at least: losses come in bursts, and a neighbour's address may need resolving."""

BLIND_SPACING = 0.25
"""The same before the first answer of all, when the round trip may be anything."""

MOST_TRIES = 8

PRESSURE_PAUSE = 0.002
PRESSURE_PATIENCE = 30.0
"""Seconds without a single request sent before a shortage is reported as an error of this machine. A full neighbour
table empties itself sooner."""


class Pace:
    """The tempo of one sweep, from what was answered so far. Times in seconds."""

    __slots__ = ("timeout", "loss", "window", "_ceiling", "_last_wait", "_most_tries", "_pressed_at", "_pressed_since")

    def __init__(self, job: Job) -> None:
        self.timeout = Timeout(job.longest)
        self.loss = Loss()
        self.window = Window(min(MOST_IN_FLIGHT, job.ceiling or MOST_IN_FLIGHT))
        self.window.size = min(FIRST_WINDOW, self.window.ceiling)
        self._ceiling = job.ceiling
        self._last_wait = min(BLIND_TIMEOUT, job.longest)
        self._most_tries = job.tries
        self._pressed_at = -1
        self._pressed_since = 0.0

    def room(self, young: Sized, old: Sized) -> int:
        """How many may be sent now, with these tries in flight.

        An old one, waited for its last time, is most likely lost or its host down: it counts for the caller's ceiling,
        but not for the window, which is about replies under way.
        """
        room = int(self.window.size) - len(young)
        return room if self._ceiling is None else min(room, self._ceiling - len(young) - len(old))

    @property
    def wait_young(self) -> float:
        """Until a request is followed by the next."""
        if self.timeout.srtt is None:
            return min(BLIND_SPACING, self._last_wait)
        return max(min(RETRY_SPACING, self._last_wait), self.timeout.seconds)

    @property
    def wait_old(self) -> float:
        """Until an address is given up after its last request."""
        return max(self._last_wait, self.timeout.seconds)

    @property
    def tries(self) -> int:
        """How often a silent address is asked in all.

        With few answers, one of which needed a retry, that is as often as possible: at 15 % loss each way and four
        live hosts, three tries would miss one of them in ten sweeps.
        """
        most = self._most_tries or MOST_TRIES
        if self.loss.retried and self.loss.first + self.loss.retried < SAMPLE_ENOUGH:
            return min(most, MOST_TRIES)
        return self.loss.tries(most)

    def first_answers(self, count: int, slowest: float) -> None:
        """So many first tries were answered; the slowest round trip among them is the one to be prepared for."""
        self.loss.first += count
        self.window.answered(count)
        self.timeout.sample(slowest)

    def answer(self, attempt: int, asked_at: float, now: float) -> None:
        """The try sent at `asked_at` was answered now."""
        self.timeout.sample(now - asked_at)
        self.loss.answered(attempt)
        if not attempt:
            self.window.answered()
        elif self.loss.congested:
            self.window.lost(asked_at, now)

    def silence(self, now: float) -> None:
        """Some requests were not answered in time."""
        self.window.silent(now, self.wait_young)

    def pressed(self, by_link: bool, sent: int, now: float) -> float | None:
        """This machine is short of something after `sent` requests: how long to pause, None if it lasts too long.

        `by_link` says that merely the send buffer is full; it empties at the speed of the link, so the window stays.
        """
        if self._pressed_at != sent:
            self._pressed_at, self._pressed_since = sent, now
            if not by_link:
                self.window.cut()
        return None if now - self._pressed_since > PRESSURE_PATIENCE else PRESSURE_PAUSE
