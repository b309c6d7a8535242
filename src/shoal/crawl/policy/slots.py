"""When the next request of a download slot may go.

The one rule: told the time and the chance, it only computes; delays count from start to start, in seconds.
"""

from __future__ import annotations


def varied_delay(delay: float, jitter: float, chance: float) -> float:
    """The delay before one request: `delay` times 1 - jitter to 1 + jitter, by `chance` from 0 to 1."""
    return delay * (1 - jitter + 2 * jitter * chance) if jitter else delay


def time_to_wait(delay: float, last_start: float, now: float) -> float:
    """The seconds until the next request may start; 0 or less: it may start now.

    A clock that was set back makes nobody wait longer than one delay.
    """
    return min(delay - (now - last_start), delay)


def is_stale(last_start: float, delay: float, age: float, now: float) -> bool:
    """Whether a slot without requests has been idle for `age` seconds beyond its delay, so that it may be forgotten."""
    return last_start + delay < now - age
