"""Who carries the jobs: this thread, several threads, several processes. One small contract, one file each.

A job is carried by a *runner*: an object with `run()`, which yields messages until the job is done, and `stop()`,
which makes it finish early; `make_runner(job)` builds one where the job is carried. A carrier takes several jobs and
yields the messages of all of them as they come. It never looks into a message.

The one rule: every message of a job that ends well comes out exactly once, and a job that does not end well comes out
as a `Lost`.
"""

from __future__ import annotations

from shoal.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Protocol

    class Runner(Protocol):
        """Does one job."""

        def run(self) -> Iterator[Any]:
            """Messages until the job is done or stopped."""

        def stop(self) -> None:
            """Finish early; may be called from a signal handler or another thread, so it only sets a flag."""

    class Carrier(Protocol):
        """Carries several jobs at once."""

        def run(self) -> Iterator[Any]:
            """The messages of all jobs, and a `Lost` for each that broke."""

        def stop(self) -> None:
            """Ask every job to finish early; `run` goes on until they have."""

        def close(self) -> None:
            """End everything at once; nothing is left behind."""

    MakeRunner = Callable[[Any], Runner]


MODELS = ("async", "thread", "proc")


class Lost:
    """Job number `job` did not end well: its carrier died or it raised. `why` is one clause for people."""

    __slots__ = ("error", "job", "why")

    def __init__(self, job: int, why: str, error: BaseException | None = None) -> None:
        self.job = job
        self.why = why
        self.error = error


def carrier(model: str, make_runner: MakeRunner, jobs: Sequence[Any]) -> Carrier:
    """The carrier named `model` ("async", "thread" or "proc") with these jobs; raises `UsageError` for another name."""
    if model == "async":
        from shoal.workers.serial import Serial

        return Serial(make_runner, jobs)
    if model == "thread":
        from shoal.workers.threads import Threads

        return Threads(make_runner, jobs)
    if model == "proc":
        from shoal.workers.processes import Processes

        return Processes(make_runner, jobs)
    raise UsageError(f"there is no worker model {model!r}", model, hint=" or ".join(MODELS))
