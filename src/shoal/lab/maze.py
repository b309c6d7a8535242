"""A practice site without end: every page links to twenty others, and no page is reached by two ways.

The one rule: it is served by a process of its own (`python -m shoal.lab.maze` prints its port and ends when its input
ends), so that it takes no time from the program that is being tried.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from shoal.lab.web import Answer, Asked, WebServer

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

LINKS = 20
PATIENCE = 5.0  # seconds the process gets to end


def page(asked: Asked) -> Answer:
    """Page n, which links to n * 20 + 1 and the nineteen that follow."""
    number = asked.path.strip("/")
    first = int(number) * LINKS + 1 if number.isdecimal() else 1
    links = "".join(f"<li><a href='/{other}'>page {other}</a></li>" for other in range(first, first + LINKS))
    return Answer(f"<!DOCTYPE html><html><head><title>page {number}</title></head><body><ul>{links}</ul></body></html>")


class Maze:
    """The site in a process of its own while the `with` block lasts; `url` is where it begins."""

    url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "shoal.lab.maze"]
        self._process = subprocess.Popen(  # noqa: S603  our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def main() -> None:
    """Serve until the input ends."""
    with WebServer(page) as server:
        sys.stdout.write(f"{server.url()}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
