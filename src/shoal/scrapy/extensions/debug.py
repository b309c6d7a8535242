"""Signals of the operating system that show what a running crawl is doing, or stop it in the debugger."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import traceback
from pdb import Pdb
from typing import TYPE_CHECKING

from shoal.scrapy.utils.engine import format_engine_status
from shoal.scrapy.utils.trackref import format_live_refs

if TYPE_CHECKING:
    from types import FrameType
    from typing import Self

    from shoal.crawl.crawler import Crawler

__all__ = ["Debugger", "StackTraceDump"]

logger = logging.getLogger("scrapy.extensions.debug")


class StackTraceDump:
    """SIGUSR2 and SIGQUIT write the stacks of all threads, the engine's state and living objects to the log."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        # Neither of them exists on Windows.
        for name in ("SIGUSR2", "SIGQUIT"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.dump_stacktrace)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One for this crawler."""
        return cls(crawler)

    def dump_stacktrace(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Write it all."""
        logger.info(
            "Dumping stack trace and engine status\n%(enginestatus)s\n%(liverefs)s\n%(stackdumps)s",
            {
                "stackdumps": self._thread_stacks(),
                "enginestatus": format_engine_status(self.crawler.engine),
                "liverefs": format_live_refs(),
            },
            extra={"crawler": self.crawler},
        )

    def _thread_stacks(self) -> str:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        return "".join(
            f"# Thread: {names.get(ident, '')}({ident})\n{''.join(traceback.format_stack(frame))}\n"
            for ident, frame in sys._current_frames().items()
        )


class Debugger:
    """SIGUSR2 enters the debugger where the crawl is at that moment."""

    def __init__(self) -> None:
        if hasattr(signal, "SIGUSR2"):
            signal.signal(signal.SIGUSR2, self._enter_debugger)

    def _enter_debugger(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        assert frame is not None
        Pdb().set_trace(frame.f_back)
