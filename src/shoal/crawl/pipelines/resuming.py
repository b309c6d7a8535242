"""A file whose download may break off and go on later, also in another run (RFC 9110: Range, If-Range, 206).

The one rule: pieces are joined only when the server has said that they are of the same file: by a strong ETag or a
Last-Modified that it gave with the first piece. Otherwise the download begins anew.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from shoal.crawl.pipelines.sinks import FileSink

if TYPE_CHECKING:
    from pathlib import Path

    from shoal.crawl.headers import Headers

_PIECE = 1 << 20
_RANGE = re.compile(rb"bytes (\d+)-\d*/(\d+)$")


class Begun(NamedTuple):
    """A file of which a part is there: what names its state, and how many bytes it has in all."""

    validator: str
    total: int


def begun_by(headers: Headers) -> Begun | None:
    """What is to be remembered of an answer with status 200; None where it could not be resumed."""
    length = headers.get(b"Content-Length", b"") or b""
    tag = headers.get(b"ETag", b"") or b""
    validator = tag if tag and not tag.startswith(b"W/") else headers.get(b"Last-Modified", b"") or b""
    if not validator or not length.isdigit() or headers.get(b"Content-Encoding"):
        return None
    return Begun(validator.decode("latin-1"), int(length))


def goes_on(status: int, headers: Headers, size: int, begun: Begun) -> bool:
    """Whether the answer is the rest of the file of which `size` bytes are there."""
    found = _RANGE.match((headers.get(b"Content-Range", b"") or b"").strip())
    return status == 206 and found is not None and (int(found[1]), int(found[2])) == (size, begun.total)


class ResumableSink(FileSink):
    """A sink whose part stays, under a name of its own, when a download breaks off."""

    def __init__(self, directory: Path, name: str) -> None:
        """`name` is that of the part: the same for the same address."""
        super().__init__(directory)
        self._path = directory / f"{name}.part"
        self._notes = directory / f"{name}.json"
        self._begun: Begun | None = None
        self._wanted = True

    def begin(self, headers: Headers) -> None:
        """Ask for the rest only, if there is a part."""
        self._close()
        self._forget()
        self.resumed, self._wanted = False, True
        self._begun = self._read_notes()
        there = self._there()
        if self._begun is None or not 0 < there < self._begun.total:
            self._begun = None
            headers.pop(b"Range", None)
            headers.pop(b"If-Range", None)
            return
        headers[b"Range"] = f"bytes={there}-"
        headers[b"If-Range"] = self._begun.validator

    def answer(self, status: int, headers: Headers) -> None:
        """Join the answer to the part, or begin anew; what is not the file (an error page) is not written."""
        there = self._there()
        self.resumed = self._begun is not None and goes_on(status, headers, there, self._begun)
        self._wanted = self.resumed or status == 200
        if self.resumed:
            with self._path.open("rb") as file:
                while piece := file.read(_PIECE):
                    self._note(piece)
            self._file = self._path.open("ab")
        elif self._wanted:
            self._begun = begun_by(headers)
            self._write_notes()

    def write(self, data: bytes) -> int:
        """Write a piece of the body; the number of its bytes."""
        return super().write(data) if self._wanted else len(data)

    def keep(self, target: Path) -> None:
        """Give the file its name; there is nothing left to resume."""
        super().keep(target)
        self._notes.unlink(missing_ok=True)

    def let_go(self) -> None:
        """Leave the part for the next time, if it can be of use then."""
        self._close()
        begun = self._read_notes()
        if begun is None or not 0 < self._there() < begun.total:
            self.discard()

    def discard(self) -> None:
        """Remove the part."""
        self._close()
        self._path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)

    def _there(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def _read_notes(self) -> Begun | None:
        with suppress(OSError, ValueError, TypeError, KeyError):
            notes = json.loads(self._notes.read_text(encoding="utf-8"))
            return Begun(str(notes["validator"]), int(notes["total"]))
        return None

    def _write_notes(self) -> None:
        """Before the first piece, so that a part never stands beside the notes of another."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        if self._begun is None:
            self._notes.unlink(missing_ok=True)
        else:
            self._notes.write_text(json.dumps(self._begun._asdict()), encoding="utf-8")
