"""A file that is written while it comes, so that its size does not count in memory.

The one rule: it has a name that begins with a dot until it is kept, and is gone when it is not; unless it can be
resumed (resuming.py).
"""

from __future__ import annotations

import hashlib
import itertools
import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from shoal.crawl.headers import Headers
    from shoal.crawl.request import Request

_numbers = itertools.count()


class FileSink:
    """What downloaders write a body to, when a request has one under `download_sink` in its meta.

    They call `begin` before each answer, also before one of several tries, then `answer` with its head when there is
    a body, and `write` with each piece. `size` is what the file has then, in bytes.
    """

    #: Whether what the last answer gave was joined to what was there before.
    resumed = False

    def __init__(self, directory: Path) -> None:
        """`directory` is made when the first piece comes."""
        self._path = directory / f".{os.getpid()}-{next(_numbers)}.part"
        self._file: IO[bytes] | None = None
        self.size = 0
        self._forget()

    def begin(self, headers: Headers) -> None:
        """Forget what was written. `headers` are those of the request that is about to be sent."""
        del headers
        self.discard()
        self._forget()

    def answer(self, status: int, headers: Headers) -> None:
        """The head of the answer has come."""

    def write(self, data: bytes) -> int:
        """Write a piece of the body; the number of its bytes."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb", buffering=0)  # so that a full disk is heard of here and nowhere else
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
        self._note(data)
        return len(data)

    def _forget(self) -> None:
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def _note(self, data: bytes) -> None:
        self._md5.update(data)
        self._sha256.update(data)
        self.size += len(data)

    @property
    def checksum(self) -> str:
        """The MD5 of what was written, in hexadecimal."""
        return self._md5.hexdigest()

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written, in hexadecimal."""
        return self._sha256.hexdigest()

    def path(self) -> Path:
        """Where it is until it is kept."""
        return self._path

    def keep(self, target: Path) -> None:
        """Give the file its name."""
        self._close()
        target.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(target)

    def let_go(self) -> None:
        """The download is over: what was not kept is removed, unless it can be resumed."""
        self.discard()

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


def written(request: Request) -> int:
    """How many bytes of the request's answer are on disk already; 0 where it has no sink."""
    sink: FileSink | None = request.meta.get("download_sink")
    return 0 if sink is None else sink.size


def resumed(request: Request) -> bool:
    """Whether the answer was joined to what had come before."""
    sink: FileSink | None = request.meta.get("download_sink")
    return sink is not None and sink.resumed
