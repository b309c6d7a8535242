"""Ctrl-C and its kin.

The one rule: a handler that somebody else has put in place of Python's own is left alone when we are told so.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    SignalHandler = Callable[[int, FrameType | None], object] | int | None

# Number of a signal -> its name.
signal_names = {int(number): number.name for number in signal.Signals}


def install_shutdown_handlers(function: SignalHandler, override_sigint: bool = True) -> None:
    """Call `function` for SIGTERM and SIGINT (Ctrl-C). Only the main thread may do this (ValueError elsewhere)."""
    signal.signal(signal.SIGTERM, function)
    if override_sigint or signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, function)


def give_up_requests(crawler: Any) -> None:
    """Cancel what is being fetched or parsed; the closing of the crawl waits for nothing else."""
    engine = crawler.__dict__.get("engine")
    if hasattr(engine, "workers_give_up"):
        engine.workers_give_up()
        return
    for task in list(engine._tasks) if engine else ():
        if task.get_coro().__name__ == "_process":
            task.cancel()
