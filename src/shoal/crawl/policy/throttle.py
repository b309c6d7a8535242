"""How long to wait between requests to a server, from how fast it answers: AutoThrottle's decision.

The one rule: told what happened, it only computes. Delay and latency in seconds. A server that answers in `latency`
seconds gets one request every `latency / concurrency` seconds. A delay that is too short becomes that at once, one
that is too long moves halfway there. Answers other than 200 never make it shorter, and those by which a server asks
for rest make it at least twice as long.
"""

from __future__ import annotations

# The delay after which a server that asked for rest gets its next request when there was no delay before.
_FIRST_REST = 1.0


class Limits:
    """What the delay may be, and how many requests shall be on their way at once, on average."""

    __slots__ = ("concurrency", "greatest", "least", "rest_statuses")

    def __init__(
        self, least: float, greatest: float, concurrency: float, rest_statuses: frozenset[int] = frozenset()
    ) -> None:
        self.least = least
        self.greatest = greatest
        self.concurrency = concurrency
        self.rest_statuses = rest_statuses


def delay_after(delay: float, latency: float, status: int, limits: Limits, retry_after: float | None = None) -> float:
    """The delay after an answer of this latency and status; `retry_after` is what the server asks for."""
    target = latency / limits.concurrency
    wanted = max(target, (delay + target) / 2.0)
    if status in limits.rest_statuses:
        wanted = max(wanted, delay * 2 or _FIRST_REST, retry_after or 0.0)
    wanted = min(max(limits.least, wanted), limits.greatest)
    return delay if status != 200 and wanted <= delay else wanted


def seconds_of(retry_after: bytes | None) -> float | None:
    """The seconds in a Retry-After header; None for one that gives a date, or none (RFC 9110 section 10.2.3)."""
    text = (retry_after or b"").strip()
    return float(text) if text.isdigit() else None
