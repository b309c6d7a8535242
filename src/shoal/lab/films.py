"""A practice film board: the hundred best films on ten pages, in the structure of a classic board of cinema sites.

The one rule: everything on it is invented and follows from the seed. Refusals look as they do outside: a check page
comes with status 200, and only its title and its lack of films tell it from a board.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from html import escape
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from shoal.errors import UsageError
from shoal.lab.film_words import (
    BARE_YEARS,
    COUNTRIES,
    FOREIGN_STARS,
    STAR_BEGINNINGS,
    STAR_ENDS,
    TITLE_BEGINNINGS,
    TITLE_ENDS,
)
from shoal.lab.message import Answer, Asked
from shoal.lab.observed import Observed
from shoal.lab.pictures import LOADING, draw

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PER_PAGE = 10
FILMS = 100
BOARD = "/board/4"
COOKIES = ("uuid_n_v", "uuid", "_csrf")
_AROUND = 2  # pages shown by number on either side of the current one


class Film(NamedTuple):
    """One entry of the board. `released` is a date or a bare year, `place` follows it in brackets, or is None."""

    rank: int
    title: str
    stars: tuple[str, ...]
    released: str
    place: str | None
    score: str
    number: int
    picture: str

    def release_time(self) -> str:
        """The date as the board writes it."""
        return self.released + (f"({self.place})" if self.place else "")


@lru_cache(4)
def invent(seed: int = 0) -> tuple[Film, ...]:
    """The hundred films in the order of their ranks."""
    dice = Random(seed)
    titles = [begin + end for begin in TITLE_BEGINNINGS for end in TITLE_ENDS]
    dice.shuffle(titles)
    places = [place for place, count in COUNTRIES.items() for _ in range(count)]
    dice.shuffle(places)
    years = {rank for rank, place in enumerate(places) if place is None}
    bare = set(dice.sample(sorted(years), BARE_YEARS))
    people = [begin + end for begin in STAR_BEGINNINGS for end in STAR_ENDS] + list(FOREIGN_STARS)
    return tuple(
        Film(
            rank + 1,
            titles[rank],
            tuple(dice.sample(people, dice.randint(1, 4))),
            _date(dice, rank in bare),
            places[rank],
            f"{9.6 - rank * 0.012 + dice.uniform(-0.05, 0.05):.1f}",
            dice.randint(1, 1_500_000),
            blake2b(f"{seed} {rank}".encode(), digest_size=20).hexdigest(),
        )
        for rank in range(FILMS)
    )


def _date(dice: Random, bare: bool) -> str:
    year = dice.randint(1939, 2024)
    return f"{year}" if bare else f"{year}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"


class FilmBoard:
    """The board as a function: call it with an `Asked`. `films` is the truth a survey is compared with.

    `budget`: pages a visitor's cookies are good for; None: nobody needs cookies. `scoreless`: ranks whose score is
    missing. `gone`: offsets that are answered by a page without a board. `closed`: everybody is to be checked, always.
    `mode` names some of these at once, joined by "+": see MODES.
    `observed.counts` has `board`, `front`, `picture`, `gone` and the refusals `agent` and `check`.
    """

    MODES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
        {
            "strict": {"budget": FILMS},
            "worn": {"budget": 3},
            "scoreless": {"scoreless": (37,)},
            "gone": {"gone": (40,)},
            "closed": {"closed": True},
        }
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        mode: str = "",
        budget: int | None = None,
        scoreless: Collection[int] = (),
        gone: Collection[int] = (),
        closed: bool = False,
    ) -> None:
        told = options_of(mode, self.MODES)
        self.films = invent(seed)
        self.observed = Observed()
        self._seed = seed
        self._budget: int | None = told.get("budget", budget)
        self._scoreless = frozenset(told.get("scoreless", scoreless))
        self._gone = frozenset(told.get("gone", gone))
        self._closed: bool = told.get("closed", closed)
        self._pictures = {film.picture: film for film in self.films}
        self._paths = {"/": self._front, BOARD: self._board, "/verify": _verify, "/loading.png": _loading}
        self._left: dict[str, int] = {}  # pages that are left to each visitor

    def __call__(self, asked: Asked) -> Answer:
        """What the site answers."""
        if not asked.headers.get("user-agent"):
            self._refuse("agent", asked)
            return Answer("<html><body>403 Forbidden</body></html>", 403)
        if asked.path.startswith("/mmdb/"):
            return self._picture(asked.path.removeprefix("/mmdb/").removesuffix(".jpg"))
        page = self._paths.get(asked.path)
        return Answer(_NOT_FOUND, 404) if page is None else page(asked)

    def _front(self, _asked: Asked) -> Answer:
        """Whoever comes here gets the cookies of a new visitor."""
        self.observed.counts["front"] += 1
        visitor = blake2b(f"{self._seed} {len(self._left)}".encode(), digest_size=16).hexdigest().upper()
        self._left[visitor] = self._budget or 0
        page = f'<title>猫眼电影</title><a href="{BOARD}">TOP100榜</a>'
        cookies = [f"{name}={visitor}; Path=/" for name in COOKIES]
        return Answer(_PAGE.format(head=page, body=""), cookies=cookies)

    def _refuse(self, why: str, asked: Asked) -> None:
        self.observed.counts[why] += 1
        self.observed.refuse(asked.at)

    def _admits(self, asked: Asked) -> bool:
        if self._closed:
            return False
        if self._budget is None:
            return True
        visitor = asked.cookies.get(COOKIES[0], "")
        left = self._left.get(visitor, 0)
        if left:
            self._left[visitor] = left - 1
        return left > 0

    def _board(self, asked: Asked) -> Answer:
        if not self._admits(asked):
            self._refuse("check", asked)
            code = blake2b(asked.target.encode(), digest_size=12).hexdigest()
            back = quote(f"{_home(asked)}{asked.target}", safe="")
            return Answer("", 302, {"Location": f"/verify?requestCode={code}&redirectURL={back}"})
        offset = asked.query.get("offset", "0")
        start = int(offset) if offset.isdecimal() and len(offset) < 5 else FILMS
        if start >= FILMS or start in self._gone:
            self.observed.counts["gone"] += 1
            return Answer(_NOT_FOUND)
        self.observed.counts["board"] += 1
        entries = "\n".join(self._entry(film, _home(asked)) for film in self.films[start : start + PER_PAGE])
        body = _BOARD.format(entries=entries, pager=_pager(start // PER_PAGE))
        return Answer(_PAGE.format(head="<title>TOP100榜 - 猫眼电影 - 一网打尽好电影</title>", body=body))

    def _entry(self, film: Film, home: str) -> str:
        whole, _, tenth = film.score.partition(".")
        score = f'<p class="score"><i class="integer">{whole}.</i><i class="fraction">{tenth}</i></p>'
        return _ENTRY.format(
            rank=film.rank,
            number=film.number,
            title=escape(film.title),
            loading=f"{home.partition(':')[2]}/loading.png",
            picture=f"{home}/mmdb/{film.picture}.jpg?imageView2/1/w/160/h/220",
            stars=escape(",".join(film.stars)),
            time=film.release_time(),
            score="" if film.rank in self._scoreless else score,
        )

    def _picture(self, name: str) -> Answer:
        film = self._pictures.get(name)
        if film is None:
            return Answer("no such picture", 404, {"Content-Type": "text/plain"})
        self.observed.counts["picture"] += 1
        return Answer(draw("JPEG", 160, 220, film.rank), headers={"Content-Type": "image/jpeg"})


def options_of(mode: str, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the modes in a text such as "strict+gone" mean together. Raises UsageError for one there is not."""
    told: dict[str, Any] = {}
    for name in filter(None, mode.split("+")):
        if name not in known:
            raise UsageError(f"there is no mode {name!r}; there are {', '.join(known)}")
        told |= known[name]
    return told


def _verify(_asked: Asked) -> Answer:
    return Answer(_CHECK)


def _loading(_asked: Asked) -> Answer:
    return Answer(LOADING, headers={"Content-Type": "image/png"})


def _home(asked: Asked) -> str:
    return f"http://{asked.headers.get('host', 'localhost')}"


def _pager(page: int) -> str:
    """The first page, a gap, those around the current one; before and after them, links to the neighbours."""
    last = FILMS // PER_PAGE - 1
    shown = [number for number in range(last + 1) if abs(number - page) <= _AROUND]
    items = [] if page == 0 else [_link(page - 1, "上一页")]
    if shown[0] > 0:
        items.append(_link(0, "1"))
    if shown[0] > 1:
        items.append('<li class="sep">...</li>')
    for number in shown:
        here = f'<li class="active">\n<a class="page_{page + 1}"\nhref="javascript:void(0);">{page + 1}</a>\n</li>'
        items.append(here if number == page else _link(number, str(number + 1)))
    if page < last:
        items.append(_link(page + 1, "下一页"))
    return "\n".join(items)


def _link(page: int, text: str) -> str:
    return f'<li>\n<a class="page_{page + 1}"\nhref="?offset={page * PER_PAGE}">{text}</a>\n</li>'


_PAGE = '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8">\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'

_BOARD = """<div class="content"><div class="wrapper"><div class="main">
<p class="update-time">2025-08-26<span class="has-fresh-text">已更新</span></p>
<p class="board-content">榜单规则：按评分和评分人数从高到低取前100名</p>
<dl class="board-wrapper">
{entries}
</dl>
</div><div class="pager-main"><ul class="list-pager">
{pager}
</ul></div></div></div>"""

_ENTRY = """<dd>
<i class="board-index board-index-{rank}">{rank}</i>
<a href="/films/{number}" title="{title}" class="image-link" data-act="boarditem-click" data-val="{{movieId:{number}}}">
<img src="{loading}" alt="" class="poster-default" />
<img data-src="{picture}" alt="{title}" class="board-img" />
</a>
<div class="board-item-main">
<div class="board-item-content">
<div class="movie-item-info">
<p class="name"><a href="/films/{number}" title="{title}" data-act="boarditem-click">{title}</a></p>
<p class="star">
                主演：{stars}
        </p><p class="releasetime">上映时间：{time}</p>    </div>
<div class="movie-item-number score-num">
{score}        </div>
</div>
</div>
</dd>"""

_CHECK = _PAGE.format(head="<title>猫眼验证中心</title>", body='<div id="yodaSlider">请依次完成验证</div>')
_NOT_FOUND = _PAGE.format(head="<title>猫眼电影</title>", body='<div class="not-found-body">很抱歉，页面不存在</div>')
