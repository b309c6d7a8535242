"""What the answer to a request for robots.txt means (RFC 9309, sections 2.3 and 2.4).

The one rule: a server that cannot say what it forbids has forbidden everything; one that has nothing to say has
forbidden nothing. Times are in seconds, sizes in bytes.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

# RFC 9309 wants 500 KiB read at least; nobody needs more than this.
MOST_READ = 1024 * 1024
# So many sites are remembered; the oldest is forgotten first.
MOST_SITES = 10_000


class Answer(Enum):
    """What to do about a site."""

    READ = "obey the rules in the body"
    ALLOW = "there are no rules"
    DENY = "nothing may be fetched for now"


def answer_of(status: int) -> Answer:
    """What a status means. 429 is no "there is none": a server that is asked too much would be asked for more."""
    if 200 <= status < 300:
        return Answer.READ
    if 300 <= status < 500 and status != 429:
        return Answer.ALLOW
    return Answer.DENY


@lru_cache(maxsize=4096)
def site_of(scheme: str, netloc: str) -> str:
    """Scheme, host and port of a URL's parts: rules hold for no other (RFC 9309, section 2.3)."""
    return f"{scheme}://{netloc.rpartition('@')[2].lower()}"


def readable(body: bytes) -> bytes:
    """The part of a robots.txt that is read: all of it, or its first lines up to the limit."""
    if len(body) <= MOST_READ:
        return body
    return body[: body.rfind(b"\n", 0, MOST_READ) + 1]
