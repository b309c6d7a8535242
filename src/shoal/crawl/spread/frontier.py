"""Which lease frontier a crawl has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.frontier.leases_memory import MemoryLeases
from shoal.crawl.spread.division import refuse_job

if TYPE_CHECKING:
    from shoal.crawl.frontier.leases import LeaseFrontier
    from shoal.crawl.settings import Settings


def frontier_for(settings: Settings) -> LeaseFrontier:
    """The one that the settings ask for. Raises UsageError for a job that is to be kept."""
    refuse_job(settings)
    return MemoryLeases()
