"""What a page of the film board says: films, or a refusal.

The one rule: pure, and a page is a board only if it shows films. The check page, a page "not found", an empty board
and an error are each a `Refused` or a `Gone` with the reason in words; nothing is taken for "no films".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from parsel import Selector

FILMS, PER_PAGE = 100, 10
CHECK_TITLE = "验证中心"

_RELEASE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?\s*(?:[(（]([^)）]+)[)）])?$")
# Countries that a place of release may begin with, when a city follows: 法国戛纳 is Cannes.
_WITH_CITIES = ("法国", "意大利", "德国", "美国", "加拿大", "英国", "瑞士", "日本", "韩国")


class Refused(NamedTuple):
    """The site wants to see that we are human, or lets nobody in; a new session may help. `why` in words."""

    why: str


class Gone(NamedTuple):
    """There is no such page; asking again is of no use. `why` in words."""

    why: str


class Release(NamedTuple):
    """When and where: `date` as ISO, as far as it is known ("1993-01-01", "1993-01", "1993")."""

    date: str | None
    year: int | None
    country: str | None
    place: str | None


def offsets(films: int = FILMS) -> list[int]:
    """The pages, each by the index of its first film."""
    return list(range(0, films, PER_PAGE))


def ranks_of(offset: int, films: int = FILMS) -> range:
    """The ranks a page must have."""
    return range(offset + 1, min(offset + PER_PAGE, films) + 1)


def pages_of(stored: Collection[int]) -> list[int]:
    """The pages of which a rank is not stored, by the index of their first film."""
    return [offset for offset in offsets() if missing(ranks_of(offset), stored)]


def verdict(status: int, selector: Selector | None) -> Refused | Gone | None:
    """Why a page is no board; None when it is one. Without a selector it is no page of text at all."""
    if status in (404, 410):
        return Gone(f"status {status}")
    if status != 200 or selector is None:
        return Refused(f"status {status}" if status != 200 else "an answer that is no page")
    title = (selector.css("title::text").get() or "").strip()
    if CHECK_TITLE in title:
        return Refused(f"a check page ({title})")
    if selector.css("div.not-found-body"):
        return Gone("a page that says it does not exist")
    if not selector.css("dl.board-wrapper > dd"):
        return Refused(f"a page without films ({title or 'no title'})")
    return None


def read_films(selector: Selector) -> list[dict[str, Any]]:
    """The films of a board; `picture` as it stands in the page. An entry without rank or title is left out."""
    return [film for entry in selector.css("dl.board-wrapper > dd") if (film := _film(entry)) is not None]


def _film(entry: Selector) -> dict[str, Any] | None:
    rank = _text(entry.css("i.board-index::text").getall())
    title = _text(entry.css("p.name a::attr(title)").getall()) or _text(entry.css("p.name a::text").getall())
    if not rank.isdecimal() or not 1 <= int(rank) <= FILMS or not title:
        return None
    release = read_release(_text(entry.css("p.releasetime::text").getall()))
    return {
        "rank": int(rank),
        "title": title,
        "stars": read_stars(_text(entry.css("p.star::text").getall())),
        "released": release.date,
        "year": release.year,
        "country": release.country,
        "place": release.place,
        "score": read_score(_text(entry.css("p.score i::text").getall())),
        "picture": entry.css("img.board-img::attr(data-src)").get() or entry.css("img.board-img::attr(src)").get(),
    }


def read_stars(text: str) -> list[str]:
    """The names after `主演：`, in their order."""
    names = text.removeprefix("主演").lstrip("：: ")
    return [name for part in re.split(r"[,，、]", names) if (name := part.strip())]


def read_release(text: str) -> Release:
    """`上映时间：1993-01-01(中国香港)`, or a date or a year alone; what cannot be read is None."""
    found = _RELEASE.match(text.removeprefix("上映时间").lstrip("：: "))
    if found is None:
        return Release(None, None, None, None)
    year, month, day, place = found.groups()
    parts = [year, *(f"{int(part):02}" for part in (month, day) if part)]
    place = place.strip() if place else None
    return Release("-".join(parts), int(year), country_of(place), place)


def country_of(place: str | None) -> str | None:
    """The country of a place of release, which may name a city, too."""
    if place is None:
        return None
    return next((country for country in _WITH_CITIES if place.startswith(country)), place)


def read_score(text: str) -> float | None:
    """`9.` and `5` together; None where the site shows none."""
    try:
        score = float("".join(text.split()))
    except ValueError:
        return None
    return score if 0 <= score <= 10 else None


def missing(ranks: Iterable[int], found: Iterable[int]) -> list[int]:
    """The ranks that were not found."""
    there = set(found)
    return [rank for rank in ranks if rank not in there]


def _text(parts: Iterable[str]) -> str:
    return " ".join("".join(parts).split())
