"""Jobs one after the other in this very thread: one loop, nothing to hand over.

The one rule: it behaves as the other carriers do, but for silence, which nobody is there to notice.
"""

from __future__ import annotations

from shoal.workers import Lost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from shoal.workers import MakeRunner, Runner


class Serial:
    """The carrier of `-m async`."""

    def __init__(self, make_runner: MakeRunner, jobs: Iterable[Any]) -> None:
        self._make_runner = make_runner
        self._jobs = jobs
        self._current: Runner | None = None
        self._stopping = False

    def run(self) -> Iterator[Any]:
        """The messages of the first job, then those of the second, ..."""
        for number, job in enumerate(self._jobs):
            if self._stopping:
                return
            try:
                self._current = self._make_runner(job)
                yield from self._current.run()
            except Exception as error:
                yield Lost.by(number, error)

    def stop(self) -> None:
        """Finish the current job early and begin no other."""
        self._stopping = True
        if self._current:
            self._current.stop()

    def close(self) -> None:
        """Nothing to end: `run` is a generator in the caller's hands."""
