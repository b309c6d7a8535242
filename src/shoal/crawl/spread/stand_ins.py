"""What extensions look at in an engine, where the engine is a coordinator.

The one rule: it shows what there is; there is nothing to change here, because downloads are the workers'.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from shoal.crawl.verdict import judge

if TYPE_CHECKING:
    import asyncio

    from shoal.crawl.spread.coordinator import Coordinator


class NoDownloader:
    """Nothing is downloaded here."""

    def __init__(self) -> None:
        self.active: set[Any] = set()
        self.slots: dict[str, Any] = {}
        self.middleware = SimpleNamespace(middlewares=())

    def needs_backout(self) -> bool:
        """There is no room."""
        return True

    def close(self) -> None:
        """There is nothing to close."""


class QueueView:
    """Stands where the engine's slot stands otherwise: `scheduler` and `inprogress` can be counted."""

    def __init__(self, coordinator: Coordinator, close_if_idle: bool) -> None:
        self._coordinator = coordinator
        self.close_if_idle = close_if_idle
        self.closing: asyncio.Future[None] | None = None
        self.job = coordinator.kept
        frontier = coordinator.frontier
        self.scheduler = _Queue(lambda: frontier.stats().waiting, coordinator)
        self.inprogress = _Counted(lambda: frontier.stats().leased)

    async def close(self) -> None:
        """Wait for the workers."""
        await self._coordinator.workers_ended()


class _Counted:
    def __init__(self, count: Any) -> None:
        self._count = count

    def __len__(self) -> int:
        number: int = self._count()
        return number


class _Queue(_Counted):
    def __init__(self, count: Any, coordinator: Coordinator) -> None:
        super().__init__(count)
        self._coordinator = coordinator

    def close(self, reason: str) -> None:
        """Give up the frontier; a job notes how the crawl has ended."""
        left = len(self)
        self._count = lambda: left
        if self._coordinator.kept is not None:
            worked = not judge(self._coordinator.crawler.stats.get_stats())[0]
            self._coordinator.kept.close(reason, worked)
        else:
            self._coordinator.frontier.close()
