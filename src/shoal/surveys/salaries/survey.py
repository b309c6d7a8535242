"""The salary survey as a whole: what is missing is asked for, what comes is stored, and how each city ended is known.

The one rule: what the database holds counts. A page's jobs are stored before the next page's are looked at, in one
transaction, so that a run that is killed is simply gone on with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoal.store.runs import DONE, FAILED, PARTIAL
from shoal.surveys.conduct import carry_out
from shoal.surveys.salaries.report import CityProgress
from shoal.surveys.salaries.spider import COMPLETE, Errand, SalarySpider, errand, key_of
from shoal.surveys.salaries.table import SALARIES, drop_older, row_of, stored_jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.store import Run, Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Seconds: `delay` between two requests, `pause` after the first refusal in a row.

    `tries`: refusals in a row after which a city is given up; `fresh`: what is stored does not count.
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

    def parameters(self) -> dict[str, Any]:
        """As the run table has them."""
        return {name: getattr(self, name) for name in self.__slots__} | {"cities": list(self.cities)}

    def settings(self) -> dict[str, Any]:
        """Those of the crawl."""
        return {"DOWNLOAD_DELAY": self.delay, "SURVEY_PAUSE": self.pause}


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


class SalarySurvey:
    """One run. `cities` is how far each is; `run` carries it out, telling `watch` after each page."""

    def __init__(self, store: Store, wish: Wish) -> None:
        self._store = store
        self._wish = wish
        plan = errands(store, wish)
        self.cities = {progress.city: progress for progress, _ in plan}
        self._errands = [task for progress, task in plan if not progress.end]
        self._waiting: list[dict[str, Any]] = []
        self._counted: set[tuple[str, str]] = set()

    def run(self, watch: Callable[[], None] = lambda: None) -> None:
        """Ask and store. Raises what a store raises, and Stopped after a signal; what has come by then is stored."""
        with self._store.run("salaries", self._wish.parameters()) as run:
            try:
                if self._errands:
                    self._crawl(run, watch)
            finally:
                self._store_jobs(run)
                self._tell(run)

    def _crawl(self, run: Run, watch: Callable[[], None]) -> None:
        def take(item: dict[str, Any]) -> None:
            if "report" not in item:
                self._waiting.append(item)
                return
            self._store_jobs(run)
            self._end_page(run, item)
            watch()

        wish = self._wish
        asked = {"base_url": wish.base_url, "keyword": wish.keyword, "errands": self._errands, "tries": wish.tries}
        carry_out(SalarySpider, wish.model, wish.settings(), take, **asked)

    def _store_jobs(self, run: Run) -> None:
        jobs, self._waiting = self._waiting, []
        now = self._store.now()
        self._store.upsert(SALARIES, [row_of(job, self._wish.keyword, run.id, now) for job in jobs], keep=("found",))
        # A page comes twice when the process that had it died on the way; its jobs count once.
        new = {(job["city"], key_of(job)) for job in jobs} - self._counted
        self._counted |= new
        for city, _ in new:
            self.cities[city].stored += 1

    def _end_page(self, run: Run, report: dict[str, Any]) -> None:
        city = self.cities[report["report"]]
        city.take(report)
        if self._wish.fresh and city.worked:
            drop_older(self._store, city.city, self._wish.keyword, run.id)

    def _tell(self, run: Run) -> None:
        """How it ended, for the run table."""
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
