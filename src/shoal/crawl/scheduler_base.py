"""What a scheduler is to the engine.

The one rule: whatever has the three methods is one, whether or not it comes from the base class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider

_NEEDED = ("has_pending_requests", "enqueue_request", "next_request")


class _SchedulerKind(type):
    """Whatever has the three methods is a scheduler, with or without this base class."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        if cls is not BaseScheduler:
            return super().__subclasscheck__(subclass)
        return all(callable(getattr(subclass, name, None)) for name in _NEEDED)


class BaseScheduler(metaclass=_SchedulerKind):
    """The interface of schedulers: what the engine calls."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003  the components' contract
        """A scheduler for this crawl."""
        return cls()

    def open(self, spider: Spider) -> Any:
        """Called when the crawl begins. May give something to wait for."""

    def close(self, reason: str) -> Any:
        """Called when the crawl has ended. May give something to wait for."""

    def has_pending_requests(self) -> bool:
        """Whether requests wait here, ready or not: the crawl goes on as long as they do."""
        raise NotImplementedError

    def enqueue_request(self, request: Request) -> bool:
        """Take a request; False says that it was refused, as one made before."""
        raise NotImplementedError

    def next_request(self) -> Request | None:
        """The next request to download; None when none is ready now."""
        raise NotImplementedError
