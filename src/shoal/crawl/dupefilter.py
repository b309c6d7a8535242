"""Which requests have been made before.

The one rule: a request is what its fingerprint says. 20 bytes of each are kept in memory and, for a job that can be
taken up again, appended to `requests.seen` before the request goes anywhere.
"""

from __future__ import annotations

import logging
import warnings
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.fingerprint import RequestFingerprinter
from shoal.crawl.jobdir import job_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from typing import Protocol, Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider

    class Known(Protocol):
        """Fingerprints: a set, or what can do as much of one."""

        def __contains__(self, key: bytes, /) -> bool: ...

        def __iter__(self) -> Iterator[bytes]: ...

        def add(self, key: bytes, /) -> object:
            """Have it among them."""


# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.dupefilters")

_SIZE = 20  # bytes of a record of `requests.seen`: a SHA-1, which is what the usual fingerprint is
_FIRST_TOLD = " - no more duplicates will be shown (see DUPEFILTER_DEBUG to show all duplicates)"


class BaseDupeFilter:
    """Filters nothing: the interface of those that do."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003  the components' contract
        """A filter for this crawl."""
        return cls()

    def request_seen(self, request: Request) -> bool:  # noqa: ARG002
        """Whether the request was made before; from now on it was."""
        return False

    def open(self) -> Any:
        """Called before the crawl. May give something to wait for."""

    def close(self, reason: str) -> Any:
        """Called after the crawl. May give something to wait for."""

    def log(self, request: Request, spider: Spider) -> None:  # noqa: ARG002
        """Called for every request that was filtered out."""
        warnings.warn(
            "Calling BaseDupeFilter.log() is deprecated. A filter that filters has a log() of its own.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )


class RFPDupeFilter(BaseDupeFilter):
    """Filters requests whose fingerprint is known.

    `path` is the job's directory; `debug` logs every duplicate instead of only the first; `fingerprinter` is an object
    with a method `fingerprint(request)` that gives bytes. Raises OSError for a directory that cannot be written.
    """

    def __init__(self, path: str | None = None, debug: bool = False, *, fingerprinter: Any = None) -> None:
        self.debug = debug
        self.logdupes = True
        self.fingerprinter: Any = fingerprinter or RequestFingerprinter()
        self.file: FileIO | None = None
        self._seen: Known = set()
        self._fingerprint = self._chosen_fingerprint()
        if path:
            self.file, self._seen = open_seen(Path(path, "requests.seen"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A filter with the crawl's fingerprinter, in its JOBDIR."""
        return cls(
            job_dir(crawler.settings),
            crawler.settings.getbool("DUPEFILTER_DEBUG"),
            fingerprinter=crawler.request_fingerprinter,
        )

    def keep_in(self, seen: Known) -> None:
        """Keep fingerprints there, and know those that are there already: for a job that keeps its own."""
        self._seen = seen
        if self.file is not None:
            self.file.close()
            if not Path(self.file.name).stat().st_size:
                Path(self.file.name).unlink()
            self.file = None

    def _chosen_fingerprint(self) -> Any:
        if type(self).request_fingerprint is RFPDupeFilter.request_fingerprint:
            return self.fingerprinter.fingerprint
        warnings.warn(
            "Overriding RFPDupeFilter.request_fingerprint() is deprecated. "
            "Set the REQUEST_FINGERPRINTER_CLASS setting instead.",
            ScrapyDeprecationWarning,
            stacklevel=3,
        )
        return lambda request: _as_bytes(self.request_fingerprint(request))

    def request_seen(self, request: Request) -> bool:
        """Whether a request of this fingerprint was made before; from now on it was."""
        key = self._fingerprint(request)
        if len(key) != _SIZE:
            key = sha1(key, usedforsecurity=False).digest()
        seen = self._seen
        if key in seen:
            return True
        seen.add(key)
        if self.file is not None:
            self.file.write(key)
        return False

    def request_fingerprint(self, request: Request) -> str:
        """The fingerprint in hexadecimal digits."""
        fingerprint: bytes = self.fingerprinter.fingerprint(request)
        return fingerprint.hex()

    @property
    def fingerprints(self) -> set[str]:
        """Deprecated: the known fingerprints in hexadecimal digits, a set made anew."""
        warnings.warn("RFPDupeFilter.fingerprints is deprecated.", ScrapyDeprecationWarning, stacklevel=2)
        return {key.hex() for key in self._seen}

    def close(self, reason: str) -> None:  # noqa: ARG002
        """Close the file."""
        if self.file is not None:
            self.file.close()

    def log(self, request: Request, spider: Spider) -> None:
        """Count a duplicate; log the first one, or each with `debug`."""
        if self.debug:
            args = {"request": request, "referer": _referer(request)}
            logger.debug(
                "Filtered duplicate request: %(request)s (referer: %(referer)s)", args, extra={"spider": spider}
            )
        elif self.logdupes:
            told = "Filtered duplicate request: %(request)s" + _FIRST_TOLD
            logger.debug(told, {"request": request}, extra={"spider": spider})
            self.logdupes = False
        spider.crawler.stats.inc_value("dupefilter/filtered")


def open_seen(path: Path) -> tuple[FileIO, set[bytes]]:
    """The file of known fingerprints, ready to be appended to without buffering, and what it holds.

    Half a record at its end, as a crash leaves it, is cut off.
    """
    file = path.open("a+b", buffering=0)
    file.seek(0)
    known = file.readall()
    whole = len(known) - len(known) % _SIZE
    if whole != len(known):
        file.truncate(whole)
    return file, {known[at : at + _SIZE] for at in range(0, whole, _SIZE)}


def _as_bytes(fingerprint: str | bytes) -> bytes:
    """Old overrides give hexadecimal digits; some give any text."""
    if isinstance(fingerprint, bytes):
        return fingerprint
    try:
        return bytes.fromhex(fingerprint)
    except ValueError:
        return fingerprint.encode()


def _referer(request: Request) -> str | None:
    referer = request.headers.get("Referer")
    return None if referer is None else referer.decode("utf-8", "replace")
