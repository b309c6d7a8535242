"""Jobs one after the other in this very thread: one loop, nothing to hand over."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from shoal.workers import MakeRunner, Runner


class Serial:
    """The carrier of `-m async`. What a job raises comes straight through: there is nobody between."""

    def __init__(self, make_runner: MakeRunner, jobs: Sequence[Any]) -> None:
        self._make_runner = make_runner
        self._jobs = jobs
        self._current: Runner | None = None
        self._stopping = False

    def run(self) -> Iterator[Any]:
        """The messages of the first job, then those of the second, ..."""
        for job in self._jobs:
            if self._stopping:
                return
            self._current = self._make_runner(job)
            yield from self._current.run()

    def stop(self) -> None:
        """Finish the current job early and begin no other."""
        self._stopping = True
        if self._current:
            self._current.stop()

    def close(self) -> None:
        """Nothing to end: `run` is a generator in the caller's hands."""
