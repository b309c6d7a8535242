"""What an errback receives: an exception with the surroundings it happened in, under the names Scrapy's users know.

The one rule: it answers the questions that spiders ask of a Failure (`value`, `type`, `check`, `trap`,
`getErrorMessage`, `getTraceback`, `request`) and does nothing else.
"""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Any

from shoal.crawl.names import public_module

if TYPE_CHECKING:
    from types import TracebackType
    from typing import NoReturn, TextIO


class Failure:
    """An exception that happened; without `value`, the one being handled now.

    `request` is set by the engine to the request that failed.
    """

    request: Any

    def __init__(self, value: BaseException | None = None) -> None:
        if value is None:
            value = sys.exc_info()[1]
        if value is None:
            raise ValueError("no exception is being handled, and none was given")
        self.value = value
        self.type = type(value)

    @property
    def tb(self) -> TracebackType | None:
        """The traceback object, None for an exception that was never raised."""
        return self.value.__traceback__

    def check(self, *error_types: type[BaseException] | str) -> Any:
        """The first of `error_types`, classes or dotted paths, that the exception is of; None if it is of none."""
        names = {_path(cls) for cls in self.type.__mro__} | {
            f"{cls.__module__}.{cls.__qualname__}" for cls in self.type.__mro__
        }
        for wanted in error_types:
            if wanted in names if isinstance(wanted, str) else issubclass(self.type, wanted):
                return wanted
        return None

    def trap(self, *error_types: type[BaseException] | str) -> Any:
        """The same as `check`; where that is None, the exception is raised again."""
        found = self.check(*error_types)
        if found is None:
            self.raiseException()
        return found

    def raiseException(self) -> NoReturn:  # noqa: N802  the name its users know
        """Raise the exception again, with its own traceback."""
        raise self.value.with_traceback(self.tb)

    def getErrorMessage(self) -> str:  # noqa: N802
        """What the exception says."""
        return str(self.value)

    def getTracebackObject(self) -> TracebackType | None:  # noqa: N802
        """The traceback object."""
        return self.tb

    def getTraceback(self, *_args: Any, **_kwargs: Any) -> str:  # noqa: N802
        """The traceback as text."""
        return "".join(traceback.format_exception(self.type, self.value, self.tb))

    def getBriefTraceback(self) -> str:  # noqa: N802
        """The exception as one line."""
        return "".join(traceback.format_exception_only(self.type, self.value))

    def printTraceback(self, file: TextIO | None = None, *_args: Any, **_kwargs: Any) -> None:  # noqa: N802
        """Write the traceback to `file`, standard error by default."""
        (file or sys.stderr).write(self.getTraceback())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {_path(self.type)}: {self.getErrorMessage()}>"

    def __str__(self) -> str:
        return f"[Failure instance: Traceback: {self.type}: {self.getErrorMessage()}]"


def exc_info(failure: Any) -> tuple[type[BaseException], BaseException, TracebackType | None] | None:
    """What `logging` wants as `exc_info`, from our Failure, a Twisted one or an exception; None from anything else."""
    # Twisted's own class is an exception itself, so its methods are asked for first.
    if hasattr(failure, "value") and hasattr(failure, "getTracebackObject"):
        return failure.type, failure.value, failure.getTracebackObject()
    if isinstance(failure, BaseException):
        return type(failure), failure, failure.__traceback__
    return None


def _path(cls: type) -> str:
    return f"{public_module(cls.__module__, cls.__qualname__)}.{cls.__qualname__}"
