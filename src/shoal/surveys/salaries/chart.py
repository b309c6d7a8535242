"""The picture of the salary survey: how salaries are distributed in each city, coloured by level.

The one rule: every job whose salary could be read is one dot; nothing is left out or summed up unseen. The level is the
experience that a job asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from shoal.surveys.salaries.table import SCHEMA, keywords, salary_of, survey_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shoal.store import Store

__all__ = ["SCHEMA", "chart", "rows"]

LEVELS = ("应届毕业生", "1年以下", "1-3年", "3-5年", "5-10年", "10年以上", "不限")
UNKNOWN = "未注明"
# From little to much experience (viridis); gray for those who do not ask.
_COLOURS = ("#440154", "#443983", "#31688e", "#21918c", "#35b779", "#c8c020", "#9a9a9a", "#c0c0c0")
_GOLDEN = 0.618034  # multiples of it spread evenly between 0 and 1, in any number


def rows(store: Store, keyword: str = "", cities: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The stored rows; without a keyword, of the one that has the most jobs."""
    counts = keywords(store)
    return survey_rows(store, keyword or max(counts, key=lambda word: counts[word], default=""), cities)


def dots(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A dot for each job that was read and is paid in CNY: thousands a month, and a place beside the middle line."""
    drawn: list[dict[str, Any]] = []
    for row in found:
        salary = salary_of(row)
        if salary is None or salary.currency != "CNY":
            continue
        level = row["experience"] if row["experience"] in LEVELS else UNKNOWN
        dot = {"城市": row["city"], "经验": level, "月薪": round(salary.monthly / 1000, 2)}
        dot |= {"职位": row["title"], "薪资": row["salary"], "公司": row["company"] or ""}
        drawn.append({**dot, "place": round(len(drawn) * _GOLDEN % 1, 3)})
    return drawn


def chart(found: Sequence[Mapping[str, Any]]) -> alt.LayerChart | None:
    """Dots over a box of the quartiles, for each city; None when no salary could be read."""
    values = dots(found)
    if not values:
        return None
    cities = list(dict.fromkeys(dot["城市"] for dot in values))
    city = alt.X("城市:N", sort=cities, axis=alt.Axis(labelAngle=0, labelFontSize=14, title=None))
    pay = alt.Y("月薪:Q", title="月薪（千元）", scale=alt.Scale(zero=True, nice=True))
    base = alt.Chart({"values": values})
    points = base.mark_circle(size=34, opacity=0.75).encode(
        x=city,
        y=pay,
        xOffset=alt.XOffset("place:Q", scale=alt.Scale(domain=[-0.25, 1.25])),
        color=alt.Color("经验:N", sort=[*LEVELS, UNKNOWN], scale=_scale(values), title="经验"),
        tooltip=["城市:N", "职位:N", "公司:N", "经验:N", "薪资:N", "月薪:Q"],
    )
    median = alt.MarkConfig(color="#000000")
    boxes = base.mark_boxplot(extent="min-max", size=26, opacity=0.35, color="#555555", median=median)
    boxes = boxes.encode(x=city, y=pay)
    keyword = next((row["keyword"] for row in found), "")
    title = f"{keyword} 职位月薪分布（{len(values)} 个职位）"
    layers = alt.LayerChart(layer=[boxes, points])
    return layers.properties(width=max(320, 170 * len(cities)), height=420, title=title)


def _scale(values: Iterable[Mapping[str, Any]]) -> alt.Scale:
    """Each level its own colour, whichever of them occur; only those that do are in the legend."""
    there = {dot["经验"] for dot in values}
    pairs = [pair for pair in zip((*LEVELS, UNKNOWN), _COLOURS, strict=True) if pair[0] in there]
    return alt.Scale(domain=[level for level, _ in pairs], range=[colour for _, colour in pairs])
