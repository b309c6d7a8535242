"""In a worker of a crawl that is kept: which lease an item or a request comes from.

The one rule: what comes of a request is known by the task that works on it. A request that `start()` gives has a
fingerprint of its own, by what it asks for and how often that was given before: so a start that is read again, from
its beginning, adds nothing twice.
"""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from hashlib import sha1
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.request import Request

_origin: ContextVar[int] = ContextVar("origin", default=0)


def origin() -> int:
    """The token of the lease whose request the running task works on; 0: none."""
    return _origin.get()


class Origins:
    """To the engine of a worker it is what `shoal.crawl.job.Job` is to an engine.

    `token_of(request)` is its lease's; `start_is_over` is called when `start()` has been read to its end.
    """

    def __init__(self, token_of: Callable[[Request], int], start_is_over: Callable[[], object]) -> None:
        self._token_of = token_of
        self.start = StartAgain(start_is_over)
        self.failed: Any = None

    def begin(self, request: Request) -> None:
        """The running task works on this request from now on."""
        _origin.set(self._token_of(request))

    def done(self) -> None:
        """All that came of it has been taken: the scheduler is told so."""

    def changed(self) -> None:
        """Nothing is written here."""

    def close(self, reason: str, worked: bool = True) -> None:
        """Nothing is open here."""


class StartAgain:
    """What `start()` gives, told apart."""

    is_over = False

    def __init__(self, ended: Callable[[], object]) -> None:
        self.end = ended
        self._times: Counter[bytes] = Counter()
        # Of the request that is given next.
        self.mark: bytes | None = None

    def is_new(self, fingerprint: bytes) -> bool:
        """The coordinator decides."""
        self._times[fingerprint] += 1
        told = b"start" + fingerprint + str(self._times[fingerprint]).encode()
        self.mark = sha1(told, usedforsecurity=False).digest()
        return True

    def is_new_item(self) -> bool:
        """It is taken for new."""
        return True

    def item_taken(self) -> None:
        """Nothing is counted here."""
