"""Where feeds go on this machine: files and standard output; and the base of storages elsewhere.

The one rule: a file that replaces another, or is of no use unfinished, is written beside its name and takes the name
when it is complete: a crawl that dies leaves the old file as it was. Lines that are appended are there at once.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from shoal.crawl.feeds.mending import mend_json_lines

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from shoal.crawl.spider import Spider

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.extensions.feedexport")

_LINE_FORMATS = ("jsonlines", "jsonl", "jl")
# Formats of which two in one file are not a file of that format.
_WHOLE_FORMATS = ("json", "xml", "parquet")
_numbers = itertools.count()


class FeedStorageProtocol(Protocol):
    """What FEED_STORAGES names: a class that is called with a URI and `feed_options`, and has two methods."""

    def open(self, spider: Spider) -> IO[bytes]:
        """The file to write to."""

    def store(self, file: IO[bytes]) -> Awaitable[None] | None:
        """Put the finished file where it belongs, and close it."""


class BlockingFeedStorage(ABC):
    """Base of storages that send a finished file elsewhere. A subclass sends it in `_store_in_thread`."""

    def open(self, spider: Spider) -> IO[bytes]:
        """A temporary file, in FEED_TEMPDIR when that is set. Raises OSError where that is no directory."""
        directory = spider.crawler.settings["FEED_TEMPDIR"]
        if directory and not Path(directory).is_dir():
            raise OSError(f"Not a Directory: {directory}")
        from tempfile import NamedTemporaryFile

        return cast("IO[bytes]", NamedTemporaryFile(prefix="feed-", dir=directory))

    def store(self, file: IO[bytes]) -> Awaitable[None] | None:
        """Send the file, in a thread."""
        return asyncio.to_thread(self._store_in_thread, file)

    @abstractmethod
    def _store_in_thread(self, file: IO[bytes]) -> None:
        """Send the file and close it. Runs in a thread of its own."""
        raise NotImplementedError


def path_of(uri: str) -> str:
    """The path that a `file:` URI or a plain path means."""
    if not uri.startswith("file:"):
        return uri
    from w3lib.url import file_uri_to_path

    return file_uri_to_path(uri)


class StdoutFeedStorage:
    """Standard output."""

    def __init__(
        self, uri: str, _stdout: IO[bytes] | None = None, *, feed_options: dict[str, Any] | None = None
    ) -> None:
        del uri
        self._stdout: IO[bytes] = _stdout or sys.stdout.buffer
        if feed_options and feed_options.get("overwrite", False) is True:
            logger.warning(
                "Standard output (stdout) storage does not support overwriting. To silence this, take 'overwrite' "
                "out of the options of the feed, or set it to False."
            )

    def open(self, spider: Spider) -> IO[bytes]:  # noqa: ARG002
        """Standard output itself."""
        return self._stdout

    def store(self, file: IO[bytes]) -> Awaitable[None] | None:
        """Everything is there already, except for what is buffered."""
        file.flush()
        return None


class FileFeedStorage:
    """A file of this machine, by path or `file:` URI; its directory is made.

    Feed options: `overwrite` (False: append), and `atomic`: False to write in place always, where others read along.
    """

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        self.path: str = path_of(uri)
        options = feed_options or {}
        self._overwrite: bool = options.get("overwrite", False)
        self._in_place: bool = not options.get("atomic", True)
        # What the bytes of the file are; nothing that is known here when they are compressed.
        self._format: str | None = None if options.get("postprocessing") else options.get("format")
        self._useless_unfinished = bool(options.get("postprocessing")) or self._format in _WHOLE_FORMATS
        self.write_mode = "wb" if self._overwrite else "ab"
        self._complete: Path | None = None

    def open(self, spider: Spider) -> IO[bytes]:  # noqa: ARG002
        """The file to write to; its name is not yet that of the feed when it is to replace one."""
        target = Path(self.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._is_written_beside(target):
            # Through links: the link stays, what it points at is replaced.
            self._complete = target.resolve()
            target = self._complete.with_name(f".{self._complete.name}.{os.getpid()}-{next(_numbers)}.part")
        elif not self._overwrite:
            self._prepare_appending(target)
        return cast("IO[bytes]", target.open(self.write_mode))

    def _is_written_beside(self, target: Path) -> bool:
        if self._in_place:
            return False
        if not target.exists():
            return self._overwrite or self._useless_unfinished
        return self._overwrite and target.is_file()

    def _prepare_appending(self, target: Path) -> None:
        if self._format in _LINE_FORMATS:
            mend_json_lines(target)
        elif self._format in _WHOLE_FORMATS and target.is_file() and target.stat().st_size:
            logger.warning(
                "Appending to %s: two %s documents in one file are not a valid one. Overwrite it (-O, or 'overwrite' "
                "in the options of the feed), or use jsonlines.",
                target,
                self._format,
            )

    def store(self, file: IO[bytes]) -> Awaitable[None] | None:
        """Close the file and give it its name."""
        file.close()
        if self._complete is not None:
            Path(file.name).replace(self._complete)
        return None
