"""The film survey as a whole: pages that are not stored are asked for, and each rank is there or has a failure.

The one rule: what the database holds counts. A page's films are stored when its report comes, in one transaction, so
that a run that is killed is simply gone on with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shoal.output.progress import clock
from shoal.store.runs import DONE, FAILED, PARTIAL
from shoal.surveys.conduct import carry_out
from shoal.surveys.movies.board import FILMS as COUNT
from shoal.surveys.movies.board import missing, offsets, pages_of, ranks_of
from shoal.surveys.movies.spider import FilmSpider
from shoal.surveys.movies.table import FILMS, row_of, stored_ranks

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.store import Run, Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Seconds: `delay` between two requests, `pause` after the first refusal in a row.

    `tries`: refusals after which a page is given up; `fresh`: what is stored does not count.
    """

    base_url: str
    model: str = "proc"
    delay: float = 0.5
    pause: float = 5.0
    tries: int = 6
    fresh: bool = False

    def parameters(self) -> dict[str, Any]:
        """As the run table has them."""
        return {name: getattr(self, name) for name in self.__slots__}

    def settings(self) -> dict[str, Any]:
        """Those of the crawl. Its ten pages are of one host; SHARE_HOSTS lets several processes have a part of them."""
        return {"DOWNLOAD_DELAY": self.delay, "SURVEY_PAUSE": self.pause, "SHARE_HOSTS": True}


@dataclass(slots=True)
class Progress:
    """How far a run is: the ranks that are stored, and the pages that failed, each with a sentence."""

    begun: int
    ranks: set[int] = field(default_factory=set)
    failures: dict[int, str] = field(default_factory=dict)
    refusals: int = 0
    waiting: str = ""

    def take(self, report: dict[str, Any]) -> None:
        """A report of the spider."""
        self.refusals += report["end"] in ("", "refused")
        self.waiting = report["why"] if not report["end"] else ""
        if report["end"] not in ("", "complete"):
            self.failures[report["report"]] = failure(report)

    def line(self, elapsed: float) -> str:
        """`films 40/100 ETA 0:12`; `elapsed` in seconds."""
        new, left = len(self.ranks) - self.begun, COUNT - len(self.ranks)
        text = f"films {len(self.ranks)}/{COUNT}"
        if self.waiting:
            return f"{text} refused, waiting"
        return f"{text} ETA {clock(left * elapsed / new)}" if new > 0 and left else text


def failure(report: dict[str, Any]) -> str:
    """What a page lacks and why, in words: "ranks 41-50 (offset 40): gone: ..."."""
    return f"{named(report['missing'])} (offset {report['report']}): {report['end']}: {report['why']}"


def named(ranks: list[int]) -> str:
    """Ranks in words: "rank 7", "ranks 41-50", "ranks 3, 5, 9"."""
    if len(ranks) == 1:
        return f"rank {ranks[0]}"
    whole = ranks == list(range(ranks[0], ranks[-1] + 1))
    return f"ranks {ranks[0]}-{ranks[-1]}" if whole else "ranks " + ", ".join(map(str, ranks))


class MovieSurvey:
    """One run. `progress` is how far it is; `run` carries it out, telling `watch` after each page."""

    def __init__(self, store: Store, wish: Wish) -> None:
        self._store = store
        self._wish = wish
        there = set() if wish.fresh else stored_ranks(store, wish.base_url)
        self.pages = pages_of(there)
        self.progress = Progress(begun=len(there), ranks=there)
        self._waiting: list[dict[str, Any]] = []

    @property
    def missing(self) -> list[int]:
        """The ranks that are not there."""
        return missing(range(1, COUNT + 1), self.progress.ranks)

    def run(self, watch: Callable[[], None] = lambda: None) -> None:
        """Ask and store. Raises what a store raises, and Stopped after a signal; what has come by then is stored."""
        with self._store.run("movies", self._wish.parameters()) as run:
            try:
                if self.pages:
                    self._crawl(run, watch)
            finally:
                self._store_films(run)
                self._tell(run)

    def _crawl(self, run: Run, watch: Callable[[], None]) -> None:
        def take(item: dict[str, Any]) -> None:
            if "report" not in item:
                self._waiting.append(item)
                return
            self._store_films(run)
            self.progress.take(item)
            watch()

        wish = self._wish
        asked = {"base_url": wish.base_url, "offsets": self.pages, "tries": wish.tries}
        carry_out(FilmSpider, wish.model, wish.settings(), take, **asked)

    def _store_films(self, run: Run) -> None:
        films, self._waiting = self._waiting, []
        now = self._store.now()
        self._store.upsert(FILMS, [row_of(film, self._wish.base_url, run.id, now) for film in films], keep=("found",))
        self.progress.ranks.update(film["rank"] for film in films)

    def _tell(self, run: Run) -> None:
        """How it ended, for the run table. A rank without a reason is one whose page was not reached."""
        lost = self.missing
        new = len(self.progress.ranks) - self.progress.begun
        run.counts = {"stored": len(self.progress.ranks), "new": new, "missing": lost}
        run.counts["refusals"] = self.progress.refusals
        run.status = DONE if not lost else PARTIAL if new else FAILED
        run.reason = "; ".join(self.sentences())

    def sentences(self) -> list[str]:
        """Every failure, by page; ranks that nobody has said anything of are named, too."""
        told = dict(self.progress.failures)
        for offset in offsets():
            lost = missing(ranks_of(offset), self.progress.ranks)
            if lost and offset not in told:
                told[offset] = f"{named(lost)} (offset {offset}): not finished"
        return [told[offset] for offset in sorted(told)]
