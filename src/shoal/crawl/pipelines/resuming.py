"""A file whose download may break off and go on later, also in another run (RFC 9110: Range, If-Range, 206).

The one rule: pieces are joined only when the server has said that they are of the same file: by a strong ETag or a
Last-Modified that it gave with the first piece. Otherwise the download begins anew.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple

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
    """A sink whose part stays, under a name of its own, when a download breaks off.

    The part is locked while it is written. Where another process has it (one that has lost its parent, say), this is
    a plain sink.
    """

    def __init__(self, directory: Path, name: str) -> None:
        """`name` is that of the part: the same for the same address."""
        super().__init__(directory)
        self._plain = self._path
        self._part = directory / f"{name}.part"
        self._notes = directory / f"{name}.json"
        self._begun: Begun | None = None
        self._wanted = True

    def begin(self, headers: Headers) -> None:
        """Ask for the rest only, if there is a part."""
        if self._is_part:
            self._close()
        else:
            self.discard()
        self._forget()
        self.resumed, self._wanted = False, True
        self._claim()
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
        self.resumed = self._begun is not None and goes_on(status, headers, self._there(), self._begun)
        self._wanted = self.resumed or status == 200
        if self.resumed:
            with self._path.open("rb") as file:
                while piece := file.read(_PIECE):
                    self._note(piece)
        elif self._wanted:
            assert self._file is not None
            self._file.truncate(0)
            self._begun = begun_by(headers)
            self._write_notes()

    def write(self, data: bytes) -> int:
        """Write a piece of the body; the number of its bytes."""
        return super().write(data) if self._wanted else len(data)

    def keep(self, target: Path) -> None:
        """Give the file its name, before anybody else can have it; there is nothing left to resume."""
        target.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(target)
        if self._is_part:
            self._notes.unlink(missing_ok=True)
        self._close()

    def let_go(self) -> None:
        """Leave the part for the next time, if it can be of use then."""
        begun = self._read_notes()
        if self._file is not None and (begun is None or not 0 < self._there() < begun.total):
            self.discard()
        self._close()

    def discard(self) -> None:
        """Remove the part."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            if self._is_part:
                self._notes.unlink(missing_ok=True)
        self._close()

    @property
    def _is_part(self) -> bool:
        return self._path == self._part

    def _claim(self) -> None:
        """Open the part and lock it, or else a file that nobody knows."""
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._file = self._part, self._part.open("ab", buffering=0)
        if not (_lock(self._file) and _is_still(self._file, self._part)):
            self._file.close()
            self._path, self._file = self._plain, self._plain.open("ab", buffering=0)

    def _there(self) -> int:
        return 0 if self._file is None else os.fstat(self._file.fileno()).st_size

    def _read_notes(self) -> Begun | None:
        if not self._is_part:
            return None
        with suppress(OSError, ValueError, TypeError, KeyError):
            notes = json.loads(self._notes.read_text(encoding="utf-8"))
            return Begun(str(notes["validator"]), int(notes["total"]))
        return None

    def _write_notes(self) -> None:
        """Before the first piece, so that a part never stands beside the notes of another."""
        if not self._is_part:
            return
        if self._begun is None:
            self._notes.unlink(missing_ok=True)
        else:
            self._notes.write_text(json.dumps(self._begun._asdict()), encoding="utf-8")


def _lock(file: IO[bytes]) -> bool:
    """Whether nobody else has it; where there are no such locks, it is hoped."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_still(file: IO[bytes], path: Path) -> bool:
    """Whether the open file still has that name: whoever had the lock may have kept it, under its own."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False
