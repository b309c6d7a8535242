"""Which lease frontier a crawl has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.exceptions import UsageError
from shoal.crawl.frontier.leases_memory import MemoryLeases

if TYPE_CHECKING:
    from shoal.crawl.frontier.leases import LeaseFrontier
    from shoal.crawl.settings import Settings


def frontier_for(settings: Settings) -> LeaseFrontier:
    """The one that the settings ask for. Raises UsageError for a job that is to be kept."""
    if settings["JOBDIR"]:
        raise UsageError("JOBDIR: a crawl over several processes (-m proc) cannot be kept and taken up again yet")
    return MemoryLeases()
