"""The film survey as a whole: pages that are not stored are asked for, and each rank is there or has a failure.

The one rule: no rank is lost without a word: what is not stored has a failure, or is said to be unfinished.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shoal.output.progress import clock
from shoal.store.runs import DONE, FAILED, PARTIAL
from shoal.surveys.movies.board import FILMS as COUNT
from shoal.surveys.movies.board import missing, offsets, pages_of, ranks_of
from shoal.surveys.movies.spider import FilmSpider
from shoal.surveys.movies.table import FILMS, row_of, stored_ranks
from shoal.surveys.page_by_page import PageSurvey

if TYPE_CHECKING:
    from shoal.store import Run, Store
    from shoal.surveys.elsewhere import Elsewhere


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Seconds: `delay` between two requests, `pause` after the first refusal in a row.

    `tries`: refusals after which a page is given up; `fresh`: what is stored does not count; `elsewhere`: the cluster
    that asks.
    """

    base_url: str
    model: str = "proc"
    delay: float = 0.5
    pause: float = 5.0
    tries: int = 6
    fresh: bool = False
    elsewhere: Elsewhere | None = None

    def parameters(self) -> dict[str, Any]:
        """As the run table has them."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "elsewhere"}

    def settings(self) -> dict[str, Any]:
        """Those of the crawl. Its ten pages are of one host; SHARE_HOSTS lets several processes have a part of them."""
        mine = {"DOWNLOAD_DELAY": self.delay, "SURVEY_PAUSE": self.pause, "SHARE_HOSTS": True}
        return mine | self.elsewhere.settings if self.elsewhere else mine


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


class MovieSurvey(PageSurvey[Wish]):
    """One run. `progress` is how far it is."""

    spider = FilmSpider

    def __init__(self, store: Store, wish: Wish) -> None:
        super().__init__(store, wish)
        there = set() if wish.fresh else stored_ranks(store, wish.base_url)
        self.pages = pages_of(there)
        self.progress = Progress(begun=len(there), ranks=there)

    @property
    def missing(self) -> list[int]:
        """The ranks that are not there."""
        return missing(range(1, COUNT + 1), self.progress.ranks)

    def questions(self) -> dict[str, Any]:
        """The pages that are not stored."""
        wish = self._wish
        return {"base_url": wish.base_url, "offsets": self.pages, "tries": wish.tries} if self.pages else {}

    def keep(self, rows: list[dict[str, Any]], run: Run) -> None:
        """Store films."""
        now = self._store.now()
        self._store.upsert(FILMS, [row_of(film, self._wish.base_url, run.id, now) for film in rows], keep=("found",))
        self.progress.ranks.update(film["rank"] for film in rows)

    def take(self, report: dict[str, Any], run: Run) -> None:  # noqa: ARG002  other surveys store more
        """A page has ended."""
        self.progress.take(report)

    def conclude(self, run: Run) -> None:
        """How it ended. A rank without a reason is one whose page was not reached."""
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
