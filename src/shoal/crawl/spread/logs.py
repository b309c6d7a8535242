"""Log records of workers, told where the crawl's log is written.

The one rule: a record travels as text; only what somebody there wants to hear is made at all.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_plain = logging.Formatter()


class Told(NamedTuple):
    """A record as it travels."""

    name: str
    level: int
    text: str
    created: float
    traceback: str | None
    process: int | None


class Forward(logging.Handler):
    """Hands every record to `tell`."""

    def __init__(self, tell: Callable[[Told], object], level: int) -> None:
        super().__init__(level)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one."""
        try:
            text, traceback = record.getMessage(), None
            if record.exc_info:
                traceback = _plain.formatException(record.exc_info)
            self._tell(Told(record.name, record.levelno, text, record.created, traceback, record.process))
        except Exception:
            self.handleError(record)


def replay(told: Told, extra: dict[str, Any]) -> None:
    """Log a record here that was logged in a worker."""
    logger = logging.getLogger(told.name)
    if not logger.isEnabledFor(told.level):
        return
    record = logger.makeRecord(told.name, told.level, "", 0, told.text, (), None, extra=extra)
    record.created, record.process, record.exc_text = told.created, told.process, told.traceback
    record.msecs = told.created % 1 * 1000
    logger.handle(record)


def loudness() -> int:
    """The level from which somebody hears: that of the most curious handler of the root logger."""
    levels = [handler.level for handler in logging.root.handlers if not isinstance(handler, logging.NullHandler)]
    return max(min(levels, default=logging.WARNING), logging.root.level if levels else 0, 1)
