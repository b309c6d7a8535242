"""Who carries the jobs: this thread, several threads, several processes. One small contract, one file each.

A job is carried by a *runner*: an object with `run()`, which yields messages until the job is done, and `stop()`,
which makes it finish early; `make_runner(job)` builds one where the job is carried. A carrier takes several jobs and
yields the messages of all of them as they come. It never looks into a message.

The one rule: every message of a job that ends well comes out exactly once, and a job that does not end well comes out
as a `Lost`, once. A job that gives its whole outcome in one message at its end may be begun again when its worker dies,
and is: the first message is what makes it impossible.

Jobs that give rise to other jobs need more: their workers are told things while they work. That is a *crew*:
`start` begins a worker, `send` tells it something, what it says is heard in the caller's asyncio loop. In the worker,
`work(job, line)` does the job with a `Line` to the other side.
"""

from __future__ import annotations

from shoal.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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

    class Crew(Protocol):
        """Workers with which one talks; made with `work` and with `heard(number, message or Lost)`."""

        def start(self, number: int, job: Any) -> None:
            """Begin worker `number`, a number that is not in use."""

        def send(self, number: int, message: Any) -> None:
            """Tell a worker something, without waiting."""

        def dismiss(self, number: int) -> None:
            """Its work is done: that it ends is no loss."""

        def withdraw(self) -> list[int]:
            """Give up those who have not begun yet, without a word; their numbers."""

        def kill(self, number: int) -> None:
            """End a worker at once; it is a `Lost` unless it was dismissed."""

        def hold(self) -> None:
            """Hear nobody until `resume`, so that all have to wait."""

        def resume(self) -> None:
            """Hear them again."""

        async def close(self) -> None:
            """Wait for those who were dismissed, end the others; nothing is left behind."""


MODELS = ("async", "thread", "proc")


class Beat:
    """A sign of life from a job: how much of what it is `about` is done, for the progress of the whole.

    It is not a message: a job of which only beats were heard may be begun again, and then beats from its beginning.
    """

    __slots__ = ("about", "done")

    def __init__(self, about: Any, done: int) -> None:
        self.about = about
        self.done = done


class Lost:
    """Job number `job` did not end well: its carrier died or it raised. `why` is one clause for people."""

    __slots__ = ("error", "job", "why")

    def __init__(self, job: int, why: str, error: BaseException | None = None) -> None:
        self.job = job
        self.why = why
        self.error = error

    @classmethod
    def by(cls, job: int, error: Exception) -> Lost:
        """Lost by what it raised."""
        return cls(job, f"{type(error).__name__}: {error}", error)


def portable(error: Exception) -> Exception | None:
    """The error itself if it survives the way to another process; made and tried where it was raised."""
    import pickle

    try:
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was dumped here
    except Exception:
        return None
    return copy if isinstance(copy, type(error)) else None


def carrier(
    model: str,
    make_runner: MakeRunner,
    jobs: Iterable[Any],
    width: int | None = None,
    *,
    patience: float | None = None,
    client: Any = None,
) -> Carrier:
    """The carrier named `model` with these jobs: "async", "thread", "proc", or "cluster" with a Dask `client`.

    Raises `UsageError` for another name.

    At most `width` jobs are carried at a time (None: all; a sequence is then wanted), and none is taken before there is
    room for it. A job that says nothing for `patience` seconds is lost, unless this very thread carries it.
    """
    if model == "cluster":
        from shoal.workers.cluster import Cluster

        return Cluster(make_runner, jobs, client, width, patience)
    if model not in MODELS:
        raise UsageError(f"there is no worker model {model!r}", model, hint=" or ".join(MODELS))
    if model == "async":
        from shoal.workers.serial import Serial

        return Serial(make_runner, jobs)
    if width is None:
        width = len(jobs)  # type: ignore[arg-type]
    if model == "thread":
        from shoal.workers.threads import Threads

        return Threads(make_runner, jobs, width, patience)
    from shoal.workers.processes import Processes

    return Processes(make_runner, jobs, width, patience)
