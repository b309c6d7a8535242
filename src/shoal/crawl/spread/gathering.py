"""Where the workers of a crawl come from: processes here, or a cluster.

The one rule: whoever may fall silent without having ended has leases that end. A process here is known to have ended
at once; a machine elsewhere may be cut off.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.crawl.spread.division import worker_count
from shoal.crawl.spread.worker import work
from shoal.workers.crew import ProcessCrew

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.settings import Settings
    from shoal.workers.crew import Crew

FOR_EVER = float("inf")
_LEASE = 20.0
_DELAYS = 8
"""A lease lasts so many delays at least: between the end of a silent worker's permission and that of its leases, which
is a fifth of them, more than one delay goes by."""


def gathered(settings: Settings, heard: Callable[[int, Any], object]) -> tuple[Crew, int, float, Callable[[], object]]:
    """The crew, how many workers it is to have, how long leases last, in seconds, and what ends the crew's means.

    Raises UsageError and MachineError where there is no such cluster.
    """
    if not settings["CLUSTER"]:
        return ProcessCrew(work, heard), worker_count(settings), FOR_EVER, lambda: None
    from shoal.cluster.connect import connect

    keys = settings["CLUSTER_KEYS"]
    client = connect(settings["CLUSTER"], Path(keys) if keys else None, settings.getbool("CLUSTER_INSECURE"))
    from shoal.crawl.spread.words import Words
    from shoal.workers.cluster_crew import ClusterCrew, threads_of

    wanted = worker_count(settings) if settings["WORKERS"] not in (None, "") else max(1, threads_of(client))
    return ClusterCrew(work, heard, client, Words), wanted, _lasting(settings), client.close


def _lasting(settings: Settings) -> float:
    delay = settings.getfloat("DOWNLOAD_DELAY")
    if settings.getbool("AUTOTHROTTLE_ENABLED"):
        delay = max(delay, settings.getfloat("AUTOTHROTTLE_MAX_DELAY"))
    return max(settings.getfloat("CLUSTER_LEASE", _LEASE), _DELAYS * delay)
