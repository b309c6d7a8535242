"""How long to wait, how much to have in flight, and how often to ask: from measured round trips and losses.

The one rule: **silence is not congestion.** A filter and a dead address are silent too; the window is cut only when
a retry was answered, for then a packet was lost on a path that works. Silence without such evidence lets the window
grow, so that a host behind a dropping firewall is finished in a few round trips.

Sources: RFC 6298 (time-out), RFC 5681 (slow start, avoidance); the constants below were measured on a network with
20 ms and 0-5 % loss each way. Everything here is told the time; times are seconds.
"""

from __future__ import annotations

SHORTEST_TIMEOUT = 0.030
"""Below this a busy peer looks like a lost packet."""

BLIND_TIMEOUT = 0.5
"""Before the first answer of a host, as fping's default: nothing is known, so wait long."""

LONGEST_TIMEOUT = 1.0
"""At 1 s the kernel repeats a SYN by itself, and a repeated SYN no longer measures anything."""

FIRST_WINDOW = 256.0
SMALLEST_WINDOW = 16.0

ACCEPTED_MISS = 1e-5
"""Tries are added until an open port is missed less often than this."""

CONGESTED = 0.10
"""Share of answers that needed a retry above which loss is taken for congestion."""

SAMPLE_ENOUGH = 50
"""Answers needed before a loss estimate is believed: with fewer, at least three tries."""


class Timeout:
    """The retransmission time-out of one host (RFC 6298, section 2): `seconds` is the present value."""

    __slots__ = ("longest", "rttvar", "seconds", "srtt")

    def __init__(self, longest: float = LONGEST_TIMEOUT) -> None:
        self.srtt: float | None = None
        self.rttvar = 0.0
        self.longest = longest
        self.seconds = min(BLIND_TIMEOUT, longest)

    def sample(self, rtt: float) -> None:
        """Take in one measured round trip."""
        if self.srtt is None:
            self.srtt = rtt
            self.rttvar = rtt / 2
        else:
            self.rttvar += 0.25 * (abs(self.srtt - rtt) - self.rttvar)
            self.srtt += 0.125 * (rtt - self.srtt)
        wait = self.srtt + max(0.005, 4 * self.rttvar)
        self.seconds = min(self.longest, max(SHORTEST_TIMEOUT, wait))


class Loss:
    """How many answers came at the first try and how many only after a retry."""

    __slots__ = ("first", "retried")

    def __init__(self) -> None:
        self.first = 0
        self.retried = 0

    def answered(self, attempt: int) -> None:
        """Count one answer to try number `attempt`, the first being 0."""
        if attempt:
            self.retried += 1
        else:
            self.first += 1

    @property
    def share(self) -> float:
        """Estimated probability that one try is lost; half an answer of doubt is added, and never more than 0.5."""
        return min(0.5, (self.retried + 0.5) / (self.first + self.retried + SAMPLE_ENOUGH))

    @property
    def congested(self) -> bool:
        """Whether so much is lost that sending less would help."""
        return self.retried > CONGESTED * (self.first + self.retried)

    @property
    def seen(self) -> bool:
        """Whether retries were answered often enough that loss, not a filter, explains silence."""
        return self.retried > 0.02 * (self.first + self.retried) + 2

    def tries(self, at_most: int = 8) -> int:
        """The smallest number of tries after which a live port is missed with probability below `ACCEPTED_MISS`."""
        known = self.first + self.retried >= SAMPLE_ENOUGH
        count, missed = 1, self.share
        while missed > ACCEPTED_MISS and count < at_most:
            missed *= self.share
            count += 1
        return min(at_most, max(2 if known else 3, count))


class Window:
    """How many conversations may be in flight: slow start, a cut for real congestion, growth on silence."""

    __slots__ = ("_ceiling", "_cut_at", "_grown_at", "_threshold", "size")

    def __init__(self, ceiling: float) -> None:
        self._ceiling = ceiling
        self._threshold = ceiling
        self._cut_at = self._grown_at = -1e9
        self.size = min(FIRST_WINDOW, ceiling)

    @property
    def ceiling(self) -> float:
        """The limit of this machine or of the caller; lowering it takes effect at once."""
        return self._ceiling

    @ceiling.setter
    def ceiling(self, ceiling: float) -> None:
        self._ceiling = ceiling
        self.size = min(self.size, ceiling)

    def answered(self, count: int = 1) -> None:
        """`count` conversations were answered at the first try."""
        grown = self.size + (count if self.size < self._threshold else count / self.size)
        self.size = min(grown, self._ceiling)

    def lost(self, sent_at: float, now: float) -> None:
        """A retry sent at `sent_at` was answered on a congested path: one cut per window in flight."""
        if sent_at > self._cut_at:
            self._cut_at = now
            self.cut()

    def cut(self) -> None:
        """Halve, and grow carefully from there."""
        self.size = self._threshold = min(self._ceiling, max(SMALLEST_WINDOW, self.size / 2))

    def silent(self, now: float, timeout: float) -> None:
        """A conversation stayed silent and nothing speaks for loss: four times as much, once a time-out."""
        if now > self._grown_at + timeout:
            self._grown_at = now
            self.size = min(self.size * 4, self._ceiling)
