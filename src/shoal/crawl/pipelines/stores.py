"""Where files of media pipelines are kept on this machine.

The one rule: a file appears under its name when it is whole, and never outside the directory of the store.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypedDict

from shoal.crawl.pipelines.resuming import ResumableSink
from shoal.crawl.pipelines.sinks import FileSink

if TYPE_CHECKING:
    from io import BytesIO


class StatInfo(TypedDict, total=False):
    """What is known of a file that is kept: MD5 in hexadecimal, and a Unix time in seconds. Empty: there is none."""

    checksum: str
    last_modified: float


def md5sum(file: IO[bytes]) -> str:
    """The MD5 of what is left to read, in hexadecimal: a name for contents, not a safeguard."""
    return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()  # type: ignore[arg-type]


class FSFilesStore:
    """A directory, by path or `file:` URI."""

    def __init__(self, basedir: str | os.PathLike[str]) -> None:
        directory = os.fspath(basedir)
        self.basedir: str = directory.partition("://")[2] if "://" in directory else directory
        self._made: set[Path] = set()

    def persist_file(
        self,
        path: str | os.PathLike[str],
        buf: BytesIO,
        info: Any,
        meta: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Keep what `buf` holds. Raises ValueError for a path that leads out of the store."""
        del info, meta, headers
        target = self._get_filesystem_path(path)
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        part.write_bytes(buf.getbuffer())
        part.replace(target)

    def open_sink(self, resume_as: str = "") -> FileSink:
        """Something to write a file to while it comes; one that goes on with what was left under that name, if any."""
        if resume_as:
            return ResumableSink(Path(self.basedir, ".parts"), resume_as)
        return FileSink(Path(self.basedir))

    def keep_sink(self, path: str | os.PathLike[str], sink: FileSink) -> None:
        """Keep what was written. Raises ValueError for a path that leads out of the store."""
        sink.keep(self._get_filesystem_path(path))

    def stat_file(self, path: str | os.PathLike[str], info: Any) -> StatInfo:
        """What is known of the file."""
        del info
        target = self._get_filesystem_path(path)
        try:
            changed = target.stat().st_mtime
            with target.open("rb") as file:
                return {"last_modified": changed, "checksum": md5sum(file)}
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def _get_filesystem_path(self, path: str | os.PathLike[str]) -> Path:
        inside = os.path.normpath(os.path.join(self.basedir, *os.fspath(path).split("/")))
        root = os.path.normpath(self.basedir)
        if inside != root and not inside.startswith(os.path.join(root, "")):
            raise ValueError(f"The file path {os.fspath(path)!r} leads out of the store {self.basedir}")
        return Path(inside)
