"""The run table: when a survey ran, with what parameters, how it ended, and what it counted.

The one rule: a run is in the table before its first row is stored; one that is killed is found by the next and named
so, "killed".
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from shoal import __version__
from shoal.store.schema import RUNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

RUNNING, DONE, PARTIAL, FAILED, INTERRUPTED, KILLED = "running", "done", "partial", "failed", "interrupted", "killed"


class Run:
    """A run that goes on. `counts` is stored at its end; `status` and `reason` say how it ends.

    Without being told, a run ends as `done`; or by an exception, as `interrupted` or `failed` with its words.
    """

    __slots__ = ("id", "counts", "status", "reason")

    def __init__(self, number: int) -> None:
        self.id = number
        self.counts: dict[str, Any] = {}
        self.status = DONE
        self.reason = ""

    def broken_by(self, problem: BaseException) -> None:
        """End as the exception says."""
        interrupted = isinstance(problem, (KeyboardInterrupt, SystemExit, GeneratorExit))
        self.status = INTERRUPTED if interrupted else FAILED
        self.reason = str(problem) or type(problem).__name__


def begin(connection: Connection, survey: str, parameters: Mapping[str, Any], now: datetime) -> Run:
    """Write the beginning of a run."""
    values = {"survey": survey, "parameters": dict(parameters), "started": now, "status": RUNNING}
    here = {"shoal": __version__, "host": socket.gethostname()[:255], "pid": os.getpid()}
    written = connection.execute(insert(RUNS).values(values | here))
    assert written.inserted_primary_key is not None
    return Run(written.inserted_primary_key[0])


def end(connection: Connection, run: Run, now: datetime) -> None:
    """Write how it ended."""
    ending = {"ended": now, "status": run.status, "reason": run.reason[:1000] or None, "counts": run.counts}
    connection.execute(update(RUNS).where(RUNS.c.id == run.id).values(ending))


def name_the_killed(connection: Connection) -> None:
    """Runs of this machine whose process is no more were killed."""
    going_on = select(RUNS.c.id, RUNS.c.pid).where(RUNS.c.status == RUNNING, RUNS.c.host == socket.gethostname()[:255])
    killed = [number for number, pid in connection.execute(going_on) if not _lives(pid)]
    if killed:
        connection.execute(update(RUNS).where(RUNS.c.id.in_(killed)).values(status=KILLED))


def _lives(pid: int) -> bool:
    """Whether another process has the number; if it is our own, the run's process had it before us."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
