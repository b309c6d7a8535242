"""The salary survey as a whole: what is missing is asked for, what comes is stored, and how each city ended is known.

The one rule: a job is stored once and counted once, whichever keyword found it and however often its page came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoal.store.runs import DONE, FAILED, PARTIAL
from shoal.surveys.page_by_page import PageSurvey
from shoal.surveys.salaries.errand import COMPLETE, Errand, errand, key_of
from shoal.surveys.salaries.report import CityProgress
from shoal.surveys.salaries.spider import SalarySpider
from shoal.surveys.salaries.table import SALARIES, drop_older, row_of, stored_jobs

if TYPE_CHECKING:
    from shoal.store import Run, Store
    from shoal.surveys.elsewhere import Elsewhere


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Seconds: `delay` between two requests, `pause` after the first refusal in a row.

    `tries`: refusals in a row after which a city is given up; `fresh`: what is stored does not count;
    `elsewhere`: the cluster that asks.
    """

    base_url: str
    cities: tuple[str, ...]
    keyword: str = "Python"
    limit: int = 100
    model: str = "thread"
    delay: float = 1.0
    pause: float = 5.0
    tries: int = 6
    fresh: bool = False
    elsewhere: Elsewhere | None = None

    def parameters(self) -> dict[str, Any]:
        """As the run table has them."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "elsewhere"} | {
            "cities": list(self.cities)
        }

    def settings(self) -> dict[str, Any]:
        """Those of the crawl."""
        mine = {"DOWNLOAD_DELAY": self.delay, "SURVEY_PAUSE": self.pause}
        return mine | self.elsewhere.settings if self.elsewhere else mine


def errands(store: Store | None, wish: Wish) -> list[tuple[CityProgress, Errand]]:
    """For each city, what is stored and what is missing; without a store, nothing is stored."""
    return [_errand(store, wish, city) for city in wish.cities]


def _errand(store: Store | None, wish: Wish, city: str) -> tuple[CityProgress, Errand]:
    rows = stored_jobs(store, city) if store else []
    mine = [] if wish.fresh else [row for row in rows if row["keyword"] == wish.keyword]
    # Jobs that another keyword has found are no news either: a job is stored once.
    known = [key_of(row) for row in rows if not wish.fresh or row["keyword"] != wish.keyword]
    progress = CityProgress(city, wish.limit, begun=len(mine), stored=len(mine))
    missing = wish.limit - len(mine)
    if missing <= 0:
        progress.end = COMPLETE
    return progress, errand(city, missing, known, max((row["page"] or 0 for row in mine), default=0))


class SalarySurvey(PageSurvey[Wish]):
    """One run. `cities` is how far each is."""

    spider = SalarySpider

    def __init__(self, store: Store, wish: Wish) -> None:
        super().__init__(store, wish)
        plan = errands(store, wish)
        self.cities = {progress.city: progress for progress, _ in plan}
        self._errands = [task for progress, task in plan if not progress.end]
        self._counted: set[tuple[str, str]] = set()

    def questions(self) -> dict[str, Any]:
        """The cities that are not complete."""
        if not self._errands:
            return {}
        wish = self._wish
        return {"base_url": wish.base_url, "keyword": wish.keyword, "errands": self._errands, "tries": wish.tries}

    def keep(self, rows: list[dict[str, Any]], run: Run) -> None:
        """Store jobs."""
        now = self._store.now()
        self._store.upsert(SALARIES, [row_of(job, self._wish.keyword, run.id, now) for job in rows], keep=("found",))
        # A page comes twice when the process that had it died on the way; its jobs count once.
        new = {(job["city"], key_of(job)) for job in rows} - self._counted
        self._counted |= new
        for city, _ in new:
            self.cities[city].stored += 1

    def take(self, report: dict[str, Any], run: Run) -> None:
        """A page of a city has ended; a fresh survey that has all drops what was there before."""
        city = self.cities[report["report"]]
        city.take(report)
        if self._wish.fresh and city.worked:
            drop_older(self._store, city.city, self._wish.keyword, run.id)

    def conclude(self, run: Run) -> None:
        """How it ended."""
        cities = self.cities.values()
        run.counts = {city.city: _counts(city) for city in cities}
        worked = sum(city.worked for city in cities)
        run.status = DONE if worked == len(self.cities) else PARTIAL if worked or _any_stored(cities) else FAILED
        run.reason = "; ".join(city.sentence() for city in cities if not city.worked)


def _counts(city: CityProgress) -> dict[str, Any]:
    names = ("wanted", "stored", "duplicates", "bad", "refusals", "end")
    return {name: getattr(city, name) for name in names} | {"new": city.stored - city.begun}


def _any_stored(cities: Any) -> bool:
    return any(city.stored > city.begun for city in cities)
