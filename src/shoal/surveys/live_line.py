"""One line on standard error, written again and again while a survey runs.

The one rule: it is gone at the end, however that comes about.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from shoal.output.files import write_all
from shoal.output.progress import wants_progress
from shoal.surveys.wide_text import cut

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_STDERR = 2
_COLUMNS = 80


class LiveLine:
    """Shows a text on a terminal; nothing at all unless `enabled`."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    @classmethod
    def unless(cls, quiet: bool) -> Self:
        """Shows its texts where progress is wanted: see `wants_progress`."""
        return cls(wants_progress(quiet, os.isatty(_STDERR), os.environ))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.show("")

    def show(self, text: str) -> None:
        """Show this in place of what was shown, as much of it as fits."""
        if self._enabled:
            with suppress(OSError):  # nobody looks any more
                write_all(_STDERR, f"\r{cut(text, _columns())}\x1b[K".encode())


def say(sentence: str) -> None:
    """A line on standard error; where nobody can read it, none."""
    with suppress(OSError):
        write_all(_STDERR, f"{sentence}\n".encode("utf-8", "backslashreplace"))


def _columns() -> int:
    try:
        return (os.get_terminal_size(_STDERR).columns or _COLUMNS) - 1
    except OSError:
        return _COLUMNS - 1
