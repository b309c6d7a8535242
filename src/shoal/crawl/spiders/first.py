"""A spider that does something first, such as a log-in.

The one rule: no start request goes out before `initialized()` has been called.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shoal.crawl.outputs import as_iterable
from shoal.crawl.spider import Spider


class InitSpider(Spider):
    """Begins with `init_request()`, whose callback ends with `return self.initialized()`."""

    _postponed: Iterable[Any] = ()

    def start_requests(self) -> Iterable[Any]:
        """The first request; those of the start URLs wait."""
        self._postponed = super().start_requests()
        return as_iterable(self.init_request())

    def initialized(self, response: Any = None) -> Iterable[Any]:  # noqa: ARG002 - it may be a callback
        """The requests that have waited."""
        postponed, self._postponed = self._postponed, ()
        return postponed

    def init_request(self) -> Any:
        """The first request; nothing to do first unless overridden."""
        return self.initialized()
