"""The directory of a job that can be taken up again.

The one rule: whoever asks for it gets one that exists; and one that holds somebody else's job is refused, and left as
it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoal.crawl.settings import BaseSettings

# Who changes one of these has queues, or an order, of their own, which a job file does not have.
_DECISIVE = ("SCHEDULER", "SCHEDULER_DISK_QUEUE", "SCHEDULER_START_DISK_QUEUE")
_KNOWN_ORDERS = [
    f"{place}.{name}"
    for place in ("scrapy.pqueues", "shoal.crawl.pqueues")
    for name in ("ScrapyPriorityQueue", "DownloaderAwarePriorityQueue")
]
_ANEW = "name another directory to begin anew"


def job_dir(settings: BaseSettings) -> str | None:
    """JOBDIR, made if need be; None when there is none."""
    path: str | None = settings["JOBDIR"]
    if not path:
        return None
    Path(path).mkdir(parents=True, exist_ok=True)
    return path


def keeps_job_file(settings: BaseSettings) -> bool:
    """Whether a job is kept in one SQLite file: unless the project has a scheduler or disk queues of its own."""
    if not settings["JOBDIR"] or any(settings.getpriority(name) for name in _DECISIVE):
        return False
    order = settings["SCHEDULER_PRIORITY_QUEUE"]
    name = order if isinstance(order, str) else f"{order.__module__}.{order.__qualname__}"
    return name in _KNOWN_ORDERS


def refuse_other_queues(folder: str) -> None:
    """Raises UsageError when the folder holds a job with queues in files, as Scrapy writes them."""
    if Path(folder, "leases.sqlite").exists():
        raise UsageError(
            f"the job in {folder} was begun over several workers: go on with it by -m proc or --cluster, or {_ANEW}"
        )
    queues, seen = Path(folder, "requests.queue"), Path(folder, "requests.seen")
    if (queues.is_dir() and any(queues.iterdir())) or (seen.is_file() and seen.stat().st_size):
        raise UsageError(
            f"the job in {folder} has queues in files, as Scrapy writes them, which cannot be gone on with here: "
            f"{_ANEW}, or set the SCHEDULER_DISK_QUEUE that the job was begun with"
        )


def refuse_other_job(folder: str, state: Mapping[str, Any], spider: str, by_slot: bool | None = None) -> None:
    """Raises UsageError when the job with that state is another spider's, or was begun with another order."""
    if not state:
        return
    if state["spider"] != spider:
        raise UsageError(f"the job in {folder} is of the spider {state['spider']}, not of {spider}: {_ANEW}")
    if by_slot is not None and state["by_slot"] != by_slot:
        raise UsageError(
            f"the job in {folder} was begun with another SCHEDULER_PRIORITY_QUEUE: go on with that one, or {_ANEW}"
        )


def finished_job(folder: str, spider: str) -> str | None:
    """One sentence when the job in the folder is finished; None when there is something to do.

    Raises UsageError for a job that the spider cannot go on with, and for one that is at work now.
    """
    from shoal.crawl.frontier.job_file import NAME, JobFile

    refuse_other_queues(folder)
    if not Path(folder, NAME).exists():
        return None
    file = JobFile(folder)
    try:
        state = file.state
        refuse_other_job(folder, state, spider)
    finally:
        file.close()
    if "finished" not in state or any(Path(folder).glob("feed-*.items")):
        return None
    return (
        f"the job in {folder} was finished at {state['finished']} ({state.get('pages', 0):,} requests done): nothing "
        f"is left to do; remove the directory, or {_ANEW}"
    )
