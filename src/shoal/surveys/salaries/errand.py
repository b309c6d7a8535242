"""What is known of a city while its pages are asked for, and what follows: which jobs are news, which page is next.

The one rule: plain data and pure functions, for an errand travels with its request to whichever worker is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from shoal.surveys.salaries.board import PER_PAGE, Page

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPLETE, EXHAUSTED, REFUSED, FAILED = "complete", "exhausted", "refused", "failed"
MOST_PAGES = 200
"""A board that shows the same for ever is asked no more than that."""


class Errand(TypedDict):
    """What is known of a city: plain data.

    `missing` jobs of those wanted; `known`: "title\\nsalary" of the jobs that are no news; `page`: the one to ask for.
    `resume`: the page to go on with after the first one, which is always asked for; the pages between are asked for
    when the others were not enough, up to `until` (0: that has not begun). `sid` names the search; `session` counts
    list pages, and `refusals` those in a row.
    """

    city: str
    missing: int
    known: list[str]
    page: int
    resume: int
    until: int
    sid: str
    session: int
    refusals: int


def errand(city: str, missing: int, known: list[str], resume: int = 2) -> Errand:
    """A city at its beginning; with `resume`, the pages before that have been read by an earlier run."""
    state = Errand(city=city, missing=missing, known=known, page=1, resume=2, until=0, sid="", session=0, refusals=0)
    state["resume"] = max(2, resume)
    return state


def key_of(job: Mapping[str, Any]) -> str:
    """What makes a job of a city the same job."""
    return f"{job['title']}\n{job['salary']}"


def distinct(page: Page, task: Errand) -> tuple[list[dict[str, Any]], int]:
    """The page's jobs that are news, as many as are missing; and how many were none."""
    kept: dict[str, dict[str, Any]] = {}
    known, duplicates = set(task["known"]), 0
    for job in page.jobs:
        key = key_of(job)
        if key in known or key in kept:
            duplicates += 1
        elif len(kept) < task["missing"]:
            kept[key] = {**job, "page": task["page"]}
    return list(kept.values()), duplicates


def is_over(task: Errand, page: Page, *, news: bool) -> bool:
    """Whether the board has no more pages: this one is empty, or beyond its own count of jobs and without news."""
    last = MOST_PAGES if page.total is None else -(-page.total // PER_PAGE)
    return not page.rows or task["page"] >= MOST_PAGES or (task["page"] >= last and not news)


def next_page(task: Errand, *, over: bool) -> tuple[int, int] | None:
    """The page to ask for, and `until`; None when there is none left."""
    page, until = task["page"], task["until"]
    if until:
        return (page + 1, until) if page < until and not over else None
    if over:
        return (2, task["resume"] - 1) if task["resume"] > 2 else None
    return (task["resume"] if page == 1 else page + 1), 0
