"""A file that is written while it comes, so that its size does not count in memory.

The one rule: it has a name that begins with a dot until it is kept, and is gone when it is not.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_numbers = itertools.count()


class FileSink:
    """What a downloader that can do so writes a body to, when a request has one under `download_sink` in its meta.

    It calls `begin` before each answer, also before one of several tries, and `write` with each piece.
    """

    def __init__(self, directory: Path) -> None:
        """`directory` is made when the first piece comes."""
        self._path = directory / f".{os.getpid()}-{next(_numbers)}.part"
        self._file: IO[bytes] | None = None
        self.begin()

    def begin(self) -> None:
        """Forget what was written."""
        self.discard()
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, data: bytes) -> int:
        """Write a piece of the body; the number of its bytes."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")
        self._md5.update(data)
        self.size += len(data)
        return self._file.write(data)

    @property
    def checksum(self) -> str:
        """The MD5 of what was written, in hexadecimal."""
        return self._md5.hexdigest()

    def keep(self, target: Path) -> None:
        """Give the file its name."""
        self._close()
        target.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(target)

    def discard(self) -> None:
        """Remove the file unless it was kept."""
        if self._close():
            self._path.unlink(missing_ok=True)

    def _close(self) -> bool:
        """Whether there was something to close."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
        return file is not None
