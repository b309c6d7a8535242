"""The image survey as a whole: its two roles, alone or one after the other, and what is known when they end.

The one rule: between the roles there is only a list of addresses, and between the download role and us only its rows;
so each may run elsewhere. What the manifest of the folder has settled is not asked for again.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.errors import UsageError
from shoal.output.progress import clock
from shoal.surveys.conduct import carry_out
from shoal.surveys.credentials import Credentials, refused_by, taken_along
from shoal.surveys.images.discover import PageSpider
from shoal.surveys.images.download import Batch, Downloads, pieces, shares
from shoal.surveys.images.manifest import ADDRESSES, FAILED, Manifest, read_addresses, write_addresses
from shoal.workers import Lost, carrier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoal.surveys.elsewhere import Elsewhere
    from shoal.workers import Carrier

BOTH, DISCOVER, DOWNLOAD = "both", "discover", "download"
ROLES = (BOTH, DISCOVER, DOWNLOAD)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. `pages` to begin with, at most `most_pages` in all; bytes, pixels and seconds.

    `at_once`: requests on their way to a host; `fresh`: what is stored is fetched again.
    """

    pages: tuple[str, ...]
    folder: Path
    addresses: Path | None = None
    role: str = BOTH
    most_pages: int = 100
    max_bytes: int = 32_000_000
    thumbnail: int = 200
    model: str = "async"
    workers: int = 2
    delay: float = 0.1
    at_once: int = 4
    timeout: float = 120.0
    tries: int = 3
    fresh: bool = False
    credentials: Credentials | None = None
    elsewhere: Elsewhere | None = None

    @property
    def list_file(self) -> Path:
        """Where the addresses are, or will be."""
        return self.addresses or self.folder / ADDRESSES

    def parameters(self) -> dict[str, Any]:
        """As the run table has them; of the credentials only that there are some."""
        known = {name: getattr(self, name) for name in self.__slots__ if name not in ("credentials", "elsewhere")}
        known |= {"pages": list(self.pages), "folder": str(self.folder), "addresses": str(self.list_file)}
        cluster = {"cluster": self.elsewhere.address} if self.elsewhere else {}
        return known | cluster | {"credentials": self.credentials is not None}

    def batch(self, addresses: list[dict[str, Any]]) -> Batch:
        """The work of the download role."""
        return Batch(
            addresses=addresses,
            folder=str(self.folder.absolute()),
            max_bytes=self.max_bytes,
            thumbnail=self.thumbnail,
            delay=self.delay,
            at_once=self.at_once,
            timeout=self.timeout,
            tries=self.tries,
            credentials=self.credentials,
        )


@dataclass(slots=True)
class Progress:
    """How far a run is: pages read of those known, addresses settled of those `wanted`, and what failed."""

    pages: int = 0
    planned: int = 0
    left_out: int = 0
    found: int = 0
    wanted: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    page_failures: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def take_page(self, report: dict[str, Any]) -> None:
        """A report of the discover role."""
        self.pages += 1
        self.planned, self.left_out = report["planned"], report["left_out"]
        if report["why"]:
            self.page_failures.append(f"{report['page']}: {report['why']}")

    def take_row(self, row: dict[str, Any]) -> None:
        """A row of the download role."""
        self.outcomes[row["outcome"]] += 1
        if row["outcome"] == FAILED:
            self.failures.append(f"{row['address']}: {row['why']}")

    def line(self, elapsed: float) -> str:
        """`pages 3/5  40 pictures`, then `pictures 12/40 ETA 0:12`; `elapsed` in seconds."""
        done = self.outcomes.total()
        if not self.wanted:
            return f"pages {self.pages}/{self.planned}  {self.found} pictures"
        left = self.wanted - done
        return f"pictures {done}/{self.wanted}" + (f" ETA {clock(left * elapsed / done)}" if done and left else "")


class ImageSurvey:
    """One run. `progress` is how far it is. `keep` gets the rows of the manifest, as they are written."""

    def __init__(self, wish: Wish, keep: Callable[[list[dict[str, Any]]], None] = lambda _rows: None) -> None:
        self.wish = wish
        self.progress = Progress()
        self._keep = keep

    def discover(self, watch: Callable[[], None] = lambda: None) -> None:
        """Read the pages and write the list of addresses. Raises UsageError when the site does not let us in."""
        wish, found = self.wish, dict[str, dict[str, Any]]()

        def take(item: dict[str, Any]) -> None:
            if "address" in item:
                found.setdefault(item["address"], item)
                self.progress.found = len(found)
                return
            if (refusal := refused_by(item["status"], wish.credentials, item["page"])) is not None:
                raise refusal
            self.progress.take_page(item)
            watch()

        asked = {"first": list(wish.pages), "most": wish.most_pages, "credentials": wish.credentials}
        settings = {
            "DOWNLOAD_DELAY": wish.delay,
            "CONCURRENT_REQUESTS_PER_DOMAIN": wish.at_once,
            "DOWNLOAD_TIMEOUT": wish.timeout,
            "RETRY_TIMES": wish.tries - 1,
        }
        carry_out(PageSpider, "async", settings, take, **asked)
        if not found and self.progress.page_failures:
            raise UsageError(f"no page could be read: {self.progress.page_failures[0]}")
        write_addresses(wish.list_file, found.values())

    def download(self, watch: Callable[[], None] = lambda: None) -> None:
        """Fetch what the list has and the manifest does not. Raises UsageError when a site refuses our credentials."""
        listed = read_addresses(self.wish.list_file)
        with Manifest(self.wish.folder) as manifest:
            self._keep(list(manifest.rows.values()))
            todo = [one for one in listed if self.wish.fresh or not manifest.settled(one["address"])]
            self.progress.wanted = len(todo)
            for row in self._rows(todo):
                written = manifest.add(row)
                self.progress.take_row(written)
                self._keep([written])
                watch()
            changed = manifest.settle_duplicates(one["address"] for one in listed)
            self._keep(changed)
            outcomes = (manifest.rows[one["address"]] for one in listed if one["address"] in manifest.rows)
            self.progress.outcomes = Counter(row["outcome"] for row in outcomes)

    def _rows(self, todo: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows as they come, whoever carries the work."""
        if not todo:
            return
        wish = self.wish
        batch = wish.batch(todo)
        with ExitStack() as stack:
            work = stack.enter_context(closing(self._carrier(batch, stack)))
            for row in work.run():
                if isinstance(row, Lost):
                    self._lose(row)
                    continue
                status = row.get("status")
                if status and wish.credentials and (refusal := refused_by(status, wish.credentials, row["address"])):
                    raise refusal
                yield row

    def _carrier(self, batch: Batch, stack: ExitStack) -> Carrier:
        wish = self.wish
        if wish.elsewhere is None:
            return carrier(wish.model, Downloads, shares(batch, 1 if wish.model == "async" else wish.workers))
        if wish.credentials and not wish.elsewhere.keeps_secrets:
            raise UsageError(f"{wish.elsewhere.address} is not encrypted: a password or key is not sent there")
        batch["credentials"] = taken_along(wish.credentials)
        client = stack.enter_context(wish.elsewhere.connect())
        return carrier("cluster", Downloads, pieces(batch, wish.workers), wish.workers, client=client)

    def _lose(self, lost: Lost) -> None:
        if isinstance(lost.error, UsageError):
            raise lost.error
        self.progress.problems.append(f"a worker was lost: {lost.why}")
