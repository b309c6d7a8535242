"""The one small tree of exceptions: misuse, and a machine that will not do its part.

The one rule: what happens to a peer (refused, silent, unreachable) is a value in a result, never an exception.
"""

from __future__ import annotations

import errno
import os


class ShoalError(Exception):
    """Root of every exception Shoal raises on purpose; `exit_status` is what a command ends with."""

    exit_status = 1


class UsageError(ShoalError):
    """The caller asked for something that cannot be: one clear sentence, and where in the text it went wrong.

    `text[start:end]` is the part of the caller's own words that is wrong; `hint` is what was probably meant.
    """

    exit_status = 2

    def __init__(
        self, message: str, text: str | None = None, start: int = 0, end: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.start = start
        self.end = len(text) if text is not None and end is None else end
        self.hint = hint

    def __str__(self) -> str:
        """The sentence, the caller's words, carets under the mistake, and the suggestion, a line each."""
        lines = [self.message]
        if self.text:
            width = max(1, (self.end or 0) - self.start)
            lines += [f"  {self.text}", "  " + " " * self.start + "^" * width]
        if self.hint:
            lines.append(f"  did you mean {self.hint}?")
        return "\n".join(lines)


class MachineError(ShoalError):
    """This machine will not let us do the work: no permission, no route, no descriptors, a full disk."""

    exit_status = 4

    @classmethod
    def from_os(cls, doing: str, problem: OSError) -> MachineError:
        """A sentence such as "cannot write result.json: No space left on device (ENOSPC)"."""
        number = problem.errno or 0
        name = errno.errorcode.get(number, str(number))
        return cls(f"cannot {doing}: {problem.strerror or os.strerror(number)} ({name})")
