"""Whether a request is sent again, and when.

The one rule: these functions are told how often it was tried, what the server said and what time it is; they wait for
nothing. Seconds.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime

# Statuses with which a server may say for how long it wants to be left alone (RFC 9110, section 10.2.3).
WITH_RETRY_AFTER = frozenset({429, 503})


def backoff(retry: int, first: float, longest: float, chance: float) -> float:
    """How long to wait before retry number `retry` (from 1): `first`, doubled each time, at most `longest`.

    `chance` (0 to 1) takes off up to a half, so that many requests that failed together do not come back together.
    """
    doubled = first * 2.0 ** min(retry - 1, 32)
    return min(doubled, longest) * (1 - chance / 2)


def retry_after(value: bytes | str | None, now: float, longest: float) -> float | None:
    """How long a Retry-After header (seconds or a date) asks to wait, at most `longest`; None when it says nothing.

    `now` is the time since the epoch.
    """
    if value is None:
        return None
    text = (value.decode("latin-1") if isinstance(value, bytes) else value).strip()
    if text.isascii() and text.isdigit():
        return min(float(text), longest)
    try:
        wanted = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, OverflowError):
        return None
    return min(max(wanted, 0.0), longest)
