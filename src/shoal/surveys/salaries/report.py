"""What a salary survey tells: the summary by city, how each city ended, and the line that shows how far it is.

The one rule: pure; amounts are CNY a month, and what was not read, or is paid in another currency, is counted and not
summed up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean, quantiles
from typing import TYPE_CHECKING, Any

from shoal.output.progress import clock
from shoal.surveys.salaries.errand import COMPLETE, EXHAUSTED
from shoal.surveys.salaries.table import salary_of
from shoal.surveys.wide_text import table_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(slots=True)
class CityProgress:
    """How far a city is: jobs `stored` of those `wanted`, `begun` with so many, and how it `end`ed."""

    city: str
    wanted: int
    begun: int = 0
    stored: int = 0
    duplicates: int = 0
    bad: int = 0
    refusals: int = 0
    end: str = ""
    why: str = ""

    def take(self, report: Mapping[str, Any]) -> None:
        """A report of the spider."""
        self.duplicates += report["duplicates"]
        self.bad += report["bad"]
        self.refusals += bool(report["why"] and report["end"] != "failed")
        self.end, self.why = report["end"], report["why"]

    @property
    def worked(self) -> bool:
        """Whether it ended as it should."""
        return self.end in (COMPLETE, EXHAUSTED)

    def sentence(self) -> str:
        """How it ended."""
        if self.end == COMPLETE:
            return f"{self.city}: {self.stored} jobs"
        if self.end == EXHAUSTED:
            return f"{self.city}: only {self.stored} of {self.wanted} jobs exist, the site has no more"
        why = f"{self.end}: {self.why}" if self.end else "not finished"
        return f"{self.city}: {self.stored} of {self.wanted} jobs, {why}"


def progress_line(cities: Iterable[CityProgress], elapsed: float) -> str:
    """`北京 45/100 ETA 0:12  上海 100/100  refused, waiting`; `elapsed` in seconds."""
    return "  ".join(_progress(city, elapsed) for city in cities)


def _progress(city: CityProgress, elapsed: float) -> str:
    text = f"{city.city} {city.stored}/{city.wanted}"
    new, left = city.stored - city.begun, city.wanted - city.stored
    if city.end:
        return text if city.worked else f"{text} {city.end}"
    if city.why:
        return f"{text} refused, waiting"
    return f"{text} ETA {clock(left * elapsed / new)}" if new and left > 0 else text


@dataclass(slots=True)
class CitySummary:
    """A city's salaries: `amounts` that could be read, sorted, and how many jobs there are in all."""

    city: str
    jobs: int = 0
    amounts: list[float] = field(default_factory=list)

    def cells(self) -> list[str]:
        """Count, lower quartile, median, upper quartile, mean; a dash where there is nothing to tell."""
        if not self.amounts:
            return [self.city, str(self.jobs), "-", "-", "-", "-", str(self.jobs)]
        low, median, high = self.quartiles()
        figures = [f"{amount:,.0f}" for amount in (low, median, high, fmean(self.amounts))]
        return [self.city, str(self.jobs), *figures, str(self.jobs - len(self.amounts))]

    def quartiles(self) -> tuple[float, float, float]:
        """By linear interpolation between the amounts there are."""
        if len(self.amounts) == 1:
            return self.amounts[0], self.amounts[0], self.amounts[0]
        low, median, high = quantiles(self.amounts, n=4, method="inclusive")
        return low, median, high


def summarise(rows: Iterable[Mapping[str, Any]], cities: Sequence[str] = ()) -> list[CitySummary]:
    """The rows of the table by city: those named first, in their order, then the others."""
    found = {city: CitySummary(city) for city in cities}
    for row in rows:
        summary = found.setdefault(row["city"], CitySummary(row["city"]))
        summary.jobs += 1
        salary = salary_of(row)
        if salary is not None and salary.currency == "CNY":
            summary.amounts.append(salary.monthly)
    for summary in found.values():
        summary.amounts.sort()
    return list(found.values())


def summary_table(summaries: Iterable[CitySummary]) -> str:
    """The table for a terminal."""
    head = ["city", "jobs", "lower quartile", "median", "upper quartile", "mean", "not read"]
    return "\n".join(table_lines([head, *(summary.cells() for summary in summaries)]))
