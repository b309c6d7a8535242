"""The picture of the film survey: the score of each film by the year of its release, coloured by country.

The one rule: a film without a score or a year is not drawn, and the subtitle says how many there are of those.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import altair

from shoal.surveys.movies.table import SCHEMA, survey_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoal.store import Store

__all__ = ["SCHEMA", "chart", "rows"]

_COLOURED = 7
OTHERS, UNKNOWN = "others", "not named"
_TIPS = ("rank", "title", "score", "released", "country", "stars")


def rows(store: Store, site: str = "") -> list[dict[str, Any]]:
    """The films of a site, or of all."""
    return survey_rows(store, site)


def points(films: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is drawn of the films that have a year and a score; countries beyond the most frequent are `others`."""
    drawn = [film for film in films if film["score"] is not None and film["year"] is not None]
    often = Counter(film["country"] or UNKNOWN for film in drawn)
    named = {country for country, _ in often.most_common(_COLOURED)}
    return [_point(film, named) for film in drawn]


def _point(film: Mapping[str, Any], named: set[str]) -> dict[str, Any]:
    country = film["country"] or UNKNOWN
    tips = {name: film[name] for name in ("rank", "title", "score", "released", "year")}
    colour = country if country in named else OTHERS
    return {**tips, "country": country, "colour": colour, "stars": "、".join(film["stars"])}


def chart(films: list[dict[str, Any]]) -> altair.Chart | None:
    """The chart; None when no film can be drawn."""
    drawn = points(films)
    if not drawn:
        return None
    left_out = len(films) - len(drawn)
    subtitle = f"{len(drawn)} films" + (f"; not drawn for want of a score or a year: {left_out}" if left_out else "")
    order = [country for country, _ in Counter(point["colour"] for point in drawn).most_common() if country != OTHERS]
    data: Any = altair.Data(values=drawn)  # type: ignore[no-untyped-call]
    drawing: altair.Chart = (
        altair.Chart(data, title=altair.Title("Scores by year of release", subtitle=subtitle))
        .mark_circle(size=90, opacity=0.75)
        .encode(
            x=altair.X("year:Q", title="year", scale=_inside(), axis=altair.Axis(format="d")),
            y=altair.Y("score:Q", title="score", scale=_inside()),
            color=altair.Color("colour:N", title="released in", sort=[*order, OTHERS]),
            tooltip=[altair.Tooltip(f"{name}:{'Q' if name in ('rank', 'score') else 'N'}") for name in _TIPS],
        )
        .properties(width=720, height=420)
    )
    return drawing


def _inside() -> altair.Scale:
    """From the least to the greatest value, and some room, so that no circle is on the frame."""
    return altair.Scale(zero=False, nice=False, padding=14)
