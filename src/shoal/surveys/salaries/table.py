"""The table of the salary survey, and what it was in older versions.

The one rule: a job is its city, title and salary text, whatever keyword found it; the text of the salary is kept as it
came, and the figures are what `text.py` reads in it today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, DateTime, Double, Integer, String, delete, func, select, update

from shoal.store import Schema, add_column, table
from shoal.surveys.salaries.text import Salary, read_salary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from shoal.store import Store

SALARIES = table(
    "salaries",
    Column("city", String(64), primary_key=True),
    Column("title", String(255), primary_key=True),
    Column("salary", String(64), primary_key=True),
    Column("keyword", String(64), nullable=False),
    Column("low", Double),
    Column("high", Double),
    Column("currency", String(3)),
    Column("period", String(8)),
    Column("months", Integer),
    Column("experience", String(32)),
    Column("education", String(32)),
    Column("company", String(255)),
    Column("company_size", String(32)),
    Column("finance", String(64)),
    Column("industry", String(255)),
    Column("district", String(64)),
    Column("nature", String(32)),
    Column("position_id", BigInteger),
    Column("posted", String(32)),
    Column("page", Integer),
    Column("run", Integer),
    Column("found", DateTime),
    Column("seen", DateTime),
)
_FIGURES = ("low", "high", "currency", "period", "months")
# Version 1 had none of these; its `low` and `high` were read from "15k-30k" alone.
NEW_IN_2 = (
    "currency",
    "period",
    "months",
    "company_size",
    "finance",
    "industry",
    "nature",
    "position_id",
    "posted",
    "seen",
)


def figures(text: str) -> dict[str, Any]:
    """The columns of a salary text; all None when it cannot be read."""
    salary = read_salary(text)
    return {name: getattr(salary, name, None) for name in _FIGURES}


def salary_of(row: Mapping[str, Any]) -> Salary | None:
    """The salary in a stored row, None when its text could not be read."""
    return Salary(*(row[name] for name in _FIGURES)) if row["currency"] else None


def _to_2(connection: Connection) -> None:
    """More columns; the figures are read again, because version 1 understood fewer texts and only thousands a month."""
    for name in NEW_IN_2:
        add_column(connection, SALARIES.c[name])
    connection.execute(update(SALARIES).where(SALARIES.c.seen.is_(None)).values(seen=SALARIES.c.found))
    for text in connection.scalars(select(SALARIES.c.salary).distinct()).all():
        connection.execute(update(SALARIES).where(SALARIES.c.salary == text).values(figures(text)))


SCHEMA = Schema("salaries", (SALARIES,), migrations=(_to_2,))


def row_of(job: Mapping[str, Any], keyword: str, run: int, now: datetime) -> dict[str, Any]:
    """The row of a job that was found."""
    return {**job, **figures(job["salary"]), "keyword": keyword, "run": run, "found": now, "seen": now}


def stored_jobs(store: Store, city: str) -> list[dict[str, Any]]:
    """What is stored of a city's jobs, under any keyword: title, salary, keyword, page."""
    wanted = (SALARIES.c.title, SALARIES.c.salary, SALARIES.c.keyword, SALARIES.c.page)
    return store.rows(select(*wanted).where(SALARIES.c.city == city).order_by(SALARIES.c.title, SALARIES.c.salary))


def drop_older(store: Store, city: str, keyword: str, run: int) -> int:
    """Remove a city's rows that this run has not seen; returns how many there were."""
    mine = (SALARIES.c.city == city) & (SALARIES.c.keyword == keyword)
    return store.change(delete(SALARIES).where(mine, SALARIES.c.run != run))


def survey_rows(store: Store, keyword: str = "", cities: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """All that is stored, of a keyword and of cities if they are named; by city and title."""
    query = select(SALARIES).order_by(SALARIES.c.city, SALARIES.c.title, SALARIES.c.salary)
    if keyword:
        query = query.where(SALARIES.c.keyword == keyword)
    if cities:
        query = query.where(SALARIES.c.city.in_(cities))
    return store.rows(query)


def keywords(store: Store) -> dict[str, int]:
    """The keywords that were asked for, and how many jobs each has."""
    counted = select(SALARIES.c.keyword, func.count().label("jobs")).group_by(SALARIES.c.keyword)
    return {row["keyword"]: row["jobs"] for row in store.rows(counted)}
