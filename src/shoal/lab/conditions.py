"""The conditions under which practice sites are served: how late, how unreliable, how strict.

The one rule: they are the same for every site, and no site knows of them: what stands here happens before a site is
asked. Failures follow from the seed and the order of the requests.
"""

from __future__ import annotations

from collections import deque
from random import Random

from shoal.errors import UsageError
from shoal.lab.message import Answer, Asked

STRICTNESS = ("lenient", "normal", "strict")
PER_SECOND = 50  # requests a strict server takes from one address
FAILURES = (500, 502, 503)


class Conditions:
    """How a site is served.

    latency     seconds before each answer; other requests do not wait for it
    error_rate  share of requests (0 to 1) answered with 500, 502 or 503 instead
    strictness  "strict": no User-Agent is 403, no Host is 400, more than 50 requests in a second from one address
                are 429 with Retry-After. "lenient" and "normal" ask for nothing here; a site may have modes of these
                names

    Raises UsageError for a number or a name that cannot be.
    """

    def __init__(
        self, *, latency: float = 0.0, error_rate: float = 0.0, strictness: str = "normal", seed: int = 0
    ) -> None:
        if not 0 <= latency <= 3600:
            raise UsageError(f"the latency must be 0 to 3600 seconds, not {latency:g}")
        if not 0 <= error_rate <= 1:
            raise UsageError(f"the error rate must be 0 to 1, not {error_rate:g}")
        if strictness not in STRICTNESS:
            raise UsageError(f"the strictness must be {', '.join(STRICTNESS)}, not {strictness!r}")
        self.latency = latency
        self.error_rate = error_rate
        self.strictness = strictness
        self._dice = Random(seed)
        self._recent: dict[str, deque[float]] = {}

    def before(self, asked: Asked) -> Answer | None:
        """What is answered instead of the site; None leaves the answer to the site."""
        if self.strictness == "strict" and (refusal := self._refusal(asked)):
            return refusal
        if self.error_rate and self._dice.random() < self.error_rate:
            return Answer("the practice server fails now and then", self._dice.choice(FAILURES))
        return None

    def _refusal(self, asked: Asked) -> Answer | None:
        if "host" not in asked.headers:
            return Answer("there is no Host", 400)
        if not asked.headers.get("user-agent"):
            return Answer("there is no User-Agent", 403)
        recent = self._recent.setdefault(asked.client, deque(maxlen=PER_SECOND))
        if len(recent) == PER_SECOND and asked.at - recent[0] < 1.0:
            return Answer("too many requests", 429, {"Retry-After": "1"})
        recent.append(asked.at)
        return None
