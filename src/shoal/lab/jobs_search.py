"""Searching the practice job board: filters, order, and results that drift between pages.

The one rule: the same query shows the same rows in the same order, as often as it is asked, repeated rows included.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from shoal.lab import jobs_words as words
from shoal.lab.jobs_data import invent
from shoal.lab.jobs_replies import LAST_PAGE, PER_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shoal.lab.jobs_data import Job

DRIFT = 42 / 480  # share of rows that repeat one of the page before, counted in one real crawl
STRONG_DRIFT = 0.3
QUERIES = 512  # remembered


class Query(NamedTuple):
    """What is searched: `filters` are pairs of a parameter and its value, in order of their names."""

    keyword: str
    city: str = words.COUNTRY
    order: str = "default"
    filters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, keyword: str, parameters: Mapping[str, str]) -> Query:
        """From the parameters of a URL; without a city it means the whole country."""
        used = tuple(sorted((name, parameters[name]) for name in FILTERS if parameters.get(name)))
        return cls(keyword, parameters.get("city") or words.COUNTRY, parameters.get("px", "default"), used)


class Listing:
    """All jobs and the searches in them."""

    def __init__(self, seed: int, *, drift: float = DRIFT, small: bool = False, odd_salaries: bool = False) -> None:
        self._seed = seed
        self._drift = drift
        self._small = small
        self._odd_salaries = odd_salaries
        self._of_city: dict[str, list[Job]] = {}
        self._shown: dict[Query, list[Job]] = {}

    def of_city(self, city: str) -> list[Job]:
        """The jobs of a city, of all cities mixed for 全国, none for a city the board does not know."""
        if city not in self._of_city:
            self._of_city[city] = self._invented(city)
        return self._of_city[city]

    def _invented(self, city: str) -> list[Job]:
        if city == words.COUNTRY:
            jobs = [job for each in words.CITIES for job in self.of_city(each)]
            Random(self._seed).shuffle(jobs)
            return jobs
        if city not in words.CITIES:
            return []
        return invent(self._seed, city, small=self._small, odd_salaries=self._odd_salaries)

    def found(self, query: Query) -> list[Job]:
        """Every job the query means, each once: the truth."""
        jobs = [job for job in self.of_city(query.city) if job.matches(query.keyword)]
        for name, value in query.filters:
            jobs = [job for job in jobs if FILTERS[name](job, value)]
        return sorted(jobs, key=lambda job: job.created, reverse=True) if query.order == "new" else jobs

    def shown(self, query: Query) -> list[Job]:
        """What the pages show one after the other, with rows that come again."""
        if query not in self._shown:
            if len(self._shown) >= QUERIES:
                self._shown.clear()
            self._shown[query] = drifted(self.found(query), Random(f"{self._seed} {query}"), self._drift)
        return self._shown[query]

    def page(self, query: Query, number: int) -> list[Job]:
        """The up to 15 rows of a page; none before the first, after the last or after the thirtieth."""
        if not 1 <= number <= LAST_PAGE:
            return []
        return self.shown(query)[(number - 1) * PER_PAGE : number * PER_PAGE]


def drifted(jobs: list[Job], dice: Random, share: float) -> list[Job]:
    """The jobs in order, with some of the page before shown again: newer ones have pushed them down meanwhile."""
    shown: list[Job] = []
    for job in jobs:
        while len(shown) >= PER_PAGE and dice.random() < share:
            before = (len(shown) // PER_PAGE - 1) * PER_PAGE
            shown.append(shown[before + dice.randrange(PER_PAGE)])
        shown.append(job)
    return shown


def _pay(job: Job, wanted: str) -> bool:
    """Whether the pay and "10k-15k", "2k以下" or "50k以上" have something in common."""
    low, dash, high = wanted.lower().replace("k", "").partition("-")
    if dash:
        return low.isdecimal() and high.isdecimal() and job.low <= int(high) and int(low) <= job.high
    limit = "".join(filter(str.isdecimal, wanted))
    if not limit:
        return False
    return job.low <= int(limit) if wanted.endswith("以下") else job.high >= int(limit)


def _row_is(field: str) -> Callable[[Job, str], bool]:
    return lambda job, wanted: str(job.row[field]) in wanted.split(",")


FILTERS: dict[str, Callable[[Job, str], bool]] = {
    "gj": _row_is("workYear"),
    "xl": _row_is("education"),
    "jd": _row_is("financeStage"),
    "gx": _row_is("jobNature"),
    "district": _row_is("district"),
    "isSchoolJob": lambda job, wanted: wanted != "1" or job.row["isSchoolJob"] == 1,
    "hy": lambda job, wanted: wanted in job.row["industryField"],
    "bizArea": lambda job, wanted: wanted in (job.row["businessZones"] or ()),
    "yx": _pay,
}
