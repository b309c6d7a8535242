"""Whether a crawl that has ended was a success: the exit status that its statistics deserve.

The one rule: pure, and strict about total failure alone. A crawl of which something worked is a success; how many
errors are too many, only its owner knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE = 0
FAILED = 1
NOTHING_WORKED = 3
# How a crawl over several processes may break.
_BROKEN = {
    "workers_lost": "its worker processes died again and again",
    "workers_failed": "a worker process has failed",
    "coordinator_error": "what the workers told could not be taken",
}


def judge(stats: Mapping[str, Any]) -> tuple[int, str]:
    """Exit status and, if it is not 0, why, as a clause.

    1: it could not begin. 3: it ran, and all its downloads failed, or all its callbacks.
    """
    if stats.get("finish_reason") == "start_error":
        return FAILED, "the spider's start has failed"
    if stats.get("finish_reason") == "job_error":
        return FAILED, "the job's file could not be written"
    if stats.get("finish_reason") in _BROKEN:
        return FAILED, _BROKEN[stats["finish_reason"]]
    asked, answered = stats.get("downloader/request_count", 0), stats.get("response_received_count", 0)
    if asked and not answered:
        return NOTHING_WORKED, f"none of {_counted(asked, 'request')} was answered"
    raised = stats.get("spider_exceptions/count", 0)
    if raised and raised >= answered and not stats.get("item_scraped_count", 0):
        return NOTHING_WORKED, f"every callback has failed ({_counted(raised, 'error')})"
    return DONE, ""


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
