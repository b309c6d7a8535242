"""The user's words, one after another: arguments, files (@hosts.txt) and standard input (-).

The one rule: a word always knows where it stands, so that a mistake in line 7,000 of a file can be found. Standard
input is read only when asked for, and once.
"""

from __future__ import annotations

from shoal.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

LONGEST_LINE = 1 << 20


class Words:
    """A reader of expressions; `stdin` replaces the real standard input."""

    __slots__ = ("stdin", "used")

    def __init__(self, stdin: TextIO | None = None) -> None:
        self.stdin = stdin
        self.used = False

    def read(self, expressions: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(place, word) pairs: the place is "" for an argument, "hosts.txt:3" for a line. Raises UsageError."""
        for expression in expressions:
            if expression in {"-", "@-"}:
                yield from self._lines(self._open_stdin(), "standard input")
            elif expression.startswith("@"):
                yield from self._file(expression)
            else:
                yield "", expression

    def _file(self, expression: str) -> Iterator[tuple[str, str]]:
        path = expression[1:]
        if not path:
            raise UsageError("the name of a file is missing after @", expression)
        try:
            with open(path, encoding="utf-8-sig", errors="replace") as lines:
                yield from self._lines(lines, path)
        except OSError as problem:
            raise UsageError(f"cannot read {path}: {problem.strerror}", expression, 1) from None
        except ValueError:
            raise UsageError("this cannot be the name of a file", expression, 1) from None

    def _open_stdin(self) -> TextIO:
        if self.used:
            raise UsageError("standard input can be read only once", "-")
        self.used = True
        if self.stdin is None:
            self.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        return self.stdin

    def _lines(self, lines: TextIO, path: str) -> Iterator[tuple[str, str]]:
        """The words of each line up to #. A line is cut off before it can fill the memory (think of @/dev/zero)."""
        number = 0
        while line := lines.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise UsageError(f"{path}:{number}: the line is too long to be a list of targets")
            place = f"{path}:{number}"
            for word in line.partition("#")[0].split():
                if word[0] == "@" or word == "-":
                    raise UsageError(f"{place}: a list of targets cannot name another list", word)
                yield place, word


def placed(place: str, mistake: UsageError) -> UsageError:
    """The mistake with its place in front."""
    if not place:
        return mistake
    return UsageError(f"{place}: {mistake.message}", mistake.text, mistake.start, mistake.end, mistake.hint)
