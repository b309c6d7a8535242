"""How long a kept response may be used without asking again (RFC 9111, sections 4.2 and 5.2).

The one rule: it is told the headers and the time since the epoch; ages and lifetimes are in seconds.
"""

from __future__ import annotations

from email.utils import mktime_tz, parsedate_tz
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoal.crawl.headers import Headers

YEAR = 31_536_000
# Statuses that last: what moved for good stays moved.
LASTING = frozenset({300, 301, 308})
# Where nothing else is said, a page is good for this part of the time since its last change (section 4.2.2).
_PART_OF_AGE = 10

CacheControl = dict[bytes, "bytes | None"]


def parse_cachecontrol(header: bytes) -> CacheControl:
    """The directives of a Cache-Control header: `b"public, max-age=60"` is `{b"public": None, b"max-age": b"60"}`."""
    directives: CacheControl = {}
    for directive in header.split(b","):
        name, assigned, value = directive.strip().partition(b"=")
        if name:
            directives[name.lower()] = value if assigned else None
    return directives


def epoch_of(text: str | bytes | None) -> int | None:
    """The seconds since the epoch of an HTTP date, in any of its three forms (RFC 9110, section 5.6.7), or None."""
    parts = parsedate_tz(text.decode("latin-1") if isinstance(text, bytes) else text or "")
    if parts is None:
        return None
    try:
        return int(mktime_tz(parts))
    except (ValueError, OverflowError):
        return None


def seconds_of(directives: CacheControl, name: bytes) -> int | None:
    """The whole number that a directive has, at least 0; None where it is missing or has none."""
    try:
        return max(0, int(directives[name] or b""))
    except (KeyError, ValueError):
        return None


def lifetime(status: int, headers: Headers, directives: CacheControl, now: float) -> float:
    """How long a response is good for from its Date on."""
    max_age = seconds_of(directives, b"max-age")
    if max_age is not None:
        return max_age
    date = epoch_of(headers.get(b"Date")) or now
    if b"Expires" in headers:
        # A date that is none means "in the past" (RFC 9111, section 5.3).
        return max(0, (epoch_of(headers.get(b"Expires")) or 0) - date)
    changed = epoch_of(headers.get(b"Last-Modified"))
    if changed is not None and changed <= date:
        return (date - changed) / _PART_OF_AGE
    return YEAR if status in LASTING else 0


def age(headers: Headers, now: float) -> float:
    """How old a response is: by its Date, or by what the caches on its way say. One from the future is new."""
    date = epoch_of(headers.get(b"Date")) or now
    by_date = max(0.0, now - date)
    try:
        return max(by_date, int(headers.get(b"Age") or b"0"))
    except ValueError:
        return by_date
