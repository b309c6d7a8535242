"""The table of the film survey.

The one rule: a film is its rank on the board of a site; a rank that is asked for again has the newer film.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, DateTime, Double, Integer, String, select

from shoal.store import Schema, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shoal.store import Store

FILMS = table(
    "films",
    Column("site", String(255), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("title", String(255), nullable=False),
    Column("stars", JSON, nullable=False),
    Column("released", String(10)),
    Column("year", Integer),
    Column("country", String(64)),
    Column("place", String(64)),
    Column("score", Double),
    Column("picture", String(2048)),
    Column("run", Integer, nullable=False),
    Column("found", DateTime, nullable=False),
    Column("seen", DateTime, nullable=False),
)
SCHEMA = Schema("films", (FILMS,))
COLUMNS = ("rank", "title", "stars", "released", "year", "country", "place", "score", "picture")
_LONGEST = {"title": 255, "place": 64, "country": 64, "picture": 2048}


def row_of(film: Mapping[str, Any], site: str, run: int, now: datetime) -> dict[str, Any]:
    """The row of a film that was found."""
    cut = {name: film[name][:most] if film[name] else film[name] for name, most in _LONGEST.items()}
    return {**film, **cut, "site": site, "run": run, "found": now, "seen": now}


def stored_ranks(store: Store, site: str) -> set[int]:
    """The ranks that are stored of a site."""
    return {row["rank"] for row in store.rows(select(FILMS.c.rank).where(FILMS.c.site == site))}


def survey_rows(store: Store, site: str = "") -> list[dict[str, Any]]:
    """All that is stored, of one site if it is named; by site and rank."""
    query = select(FILMS).order_by(FILMS.c.site, FILMS.c.rank)
    return store.rows(query.where(FILMS.c.site == site) if site else query)
