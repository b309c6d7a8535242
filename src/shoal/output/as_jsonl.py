"""`.jsonl`: one JSON object a line, written while the run goes on; also what a journal holds.

The one rule: lines come in the order in which things became known, each complete in itself and named by its "type".
"""

from __future__ import annotations

from shoal.output.files import Growing
from shoal.output.journal import Lines, line
from shoal.output.records import KILLED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoal.output.records import Frame, HostRecord
    from shoal.scanner.result import Run

_END = ("end", "duration", "how_ended", "signal", "counts", "probes")


def document(frame: Frame, hosts: Iterable[HostRecord]) -> Iterator[str]:
    """The same lines from a finished run, in the order of addresses, each host once."""
    yield line("run", {key: value for key, value in frame.items() if key not in _END})
    for host in hosts:
        yield line("host", host)
    if frame["how_ended"] != KILLED:
        yield line("end", {key: frame[key] for key in (*_END, "problems")})


class Stream(Lines):
    """A file of lines; `-` is standard output."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: Growing | None = None

    def begin(self, run: Run) -> None:
        """Open the file, which replaces an older one, and write the first line."""
        self._file = Growing(self._path)
        super().begin(run)

    def flush(self) -> None:
        """Hand what is held to the system."""
        if self._file:
            self._file.flush()

    def end(self, run: Run) -> None:
        """Write the last line and close the file."""
        if self._file:
            super().end(run)
            self._file.close()

    def _take(self, _address: str | None, text: str) -> None:
        assert self._file is not None, "begin() opens the file"
        self._file.add(text)
