"""A practice gallery: pages of pictures as they are found outside, and `exhibits`, the truth about each of them.

The one rule: every fault is meant. What a careful program must make of an address is written in its exhibit, and the
bytes follow from the seed.

Beside good pictures of four formats there are: one under two addresses, one that breaks off in the middle, a page that
says it is a picture, a picture that says it is text, one that is too large, one that comes slowly, one that is not
there, and a few bytes that claim to be billions of pixels.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html import escape
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from shoal.errors import UsageError
from shoal.lab.films import options_of
from shoal.lab.message import Answer, Asked
from shoal.lab.observed import Observed
from shoal.lab.pictures import FORMATS, LOADING, SUFFIXES, bomb, draw, draw_huge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DOORS = ("", "basic", "token")
USER, PASSWORD, TOKEN = "reader", "practice", "practice-token"  # the door is there to be opened
GOOD, COPY, BROKEN, LIAR, MODEST, HUGE, SLOW, MISSING, BOMB = (
    "good", "copy", "broken", "liar", "modest", "huge", "slow", "missing", "bomb",
)  # fmt: skip
STORED = frozenset({GOOD, MODEST, SLOW})  # what a survey must end up with, and HUGE if it takes such sizes
_LARGEST, _SMALLEST = 400, 24  # pixels of a side


class Exhibit(NamedTuple):
    """One picture address: its path (with a query, if any), what it is, the format, and the bytes as a function."""

    path: str
    kind: str
    form: str
    contents: Callable[[], bytes]


class Gallery:
    """The gallery as a function: call it with an `Asked`.

    `pages`, and `per_page` good pictures on each; `door`: "basic" (USER, PASSWORD) or "token" (TOKEN) closes it to
    strangers. `huge` is the size of the largest picture in bytes, `pace` how fast the slow one comes (bytes a second).
    `cuts`: each good picture's answer breaks off halfway that often. `plain`: neither Range nor ETag are known.
    `mode` names some of these at once, joined by "+": see MODES.
    `observed.counts` has `page`, `picture`, `resumed` (206), `unchanged` (304), `stranger` (401), `cut` and `bytes`.
    """

    MODES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
        {"basic": {"door": "basic"}, "token": {"door": "token"}, "cut": {"cuts": 1}, "plain": {"plain": True}}
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        mode: str = "",
        pages: int = 4,
        per_page: int = 12,
        door: str = "",
        huge: int = 4_000_000,
        pace: float = 20_000.0,
        cuts: int = 0,
        plain: bool = False,
    ) -> None:
        """Raises UsageError for a door that nobody knows."""
        told = options_of(mode, self.MODES)
        door = told.get("door", door)
        if door not in DOORS:
            raise UsageError(f"a gallery has no door {door!r}", hint="basic or token")
        self.exhibits = _hang(seed, pages * per_page, huge)
        self.observed = Observed()
        self._by_path = {exhibit.path: exhibit for exhibit in self.exhibits}
        self._pages = max(1, pages)
        self._door = door
        self._pace = pace
        self._cuts: int = told.get("cuts", cuts)
        self._plain: bool = told.get("plain", plain)
        self._cut: Counter[str] = Counter()

    def __call__(self, asked: Asked) -> Answer:
        """What the site answers."""
        if asked.path == "/robots.txt":
            return Answer("", 404)
        if not self._admits(asked):
            self.observed.counts["stranger"] += 1
            scheme = 'Basic realm="gallery"' if self._door == "basic" else "Bearer"
            return Answer("<p>For friends only.</p>", 401, {"WWW-Authenticate": scheme})
        parts = [part for part in asked.path.split("/") if part]
        if not parts or (parts[0] == "page" and len(parts) == 2):
            return self._page(int(parts[1]) if parts and parts[1].isdecimal() else 1 if not parts else 0)
        if asked.path == "/loading.png":
            return Answer(LOADING, headers={"Content-Type": "image/png"})
        return self._picture(asked)

    def _admits(self, asked: Asked) -> bool:
        given = asked.headers.get("authorization", "")
        if self._door == "basic":
            return given == "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return self._door != "token" or given == f"Bearer {TOKEN}"

    def _page(self, number: int) -> Answer:
        if not 1 <= number <= self._pages:
            return Answer("<p>There is no such room.</p>", 404)
        self.observed.counts["page"] += 1
        shown = self.exhibits[number - 1 :: self._pages]
        frames = "\n".join(_frame(exhibit, place) for place, exhibit in enumerate(shown))
        rooms = ["/", *(f"/page/{other}/" for other in range(2, self._pages + 1))]
        doors = [f'<a href="{room}">{other}</a>' for other, room in enumerate(rooms, 1) if other != number]
        return Answer(
            f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Room {number}</title></head>\n'
            f"<body>\n{frames}\n<p>{' '.join(doors)}</p>\n</body>\n</html>\n"
        )

    def _picture(self, asked: Asked) -> Answer:
        exhibit = self._by_path.get(asked.path + ("?" + urlsplit(asked.target).query if asked.query else ""))
        if exhibit is None or exhibit.kind == MISSING:
            return Answer("<p>It was stolen.</p>", 404)
        self.observed.counts["picture"] += 1
        body = exhibit.contents()
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        headers = {"Content-Type": "text/plain" if exhibit.kind == MODEST else FORMATS[exhibit.form]}
        if not self._plain:
            headers |= {"ETag": tag, "Accept-Ranges": "bytes"}
            if asked.headers.get("if-none-match") == tag:
                self.observed.counts["unchanged"] += 1
                return Answer("", 304, headers)
        start = 0 if self._plain else _start(asked, tag)
        if start >= len(body):
            return Answer("", 416, headers | {"Content-Range": f"bytes */{len(body)}"})
        if start:
            self.observed.counts["resumed"] += 1
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        cut = self._cut_of(exhibit, len(body) - start)
        self.observed.counts["bytes"] += len(body) - start if cut is None else cut
        pace = self._pace if exhibit.kind == SLOW else 0.0
        return Answer(body[start:], 206 if start else 200, headers, pace=pace, cut=cut)

    def _cut_of(self, exhibit: Exhibit, size: int) -> int | None:
        """How many bytes are sent before the connection breaks; None: all."""
        if self._cut[exhibit.path] >= self._cuts or exhibit.kind not in STORED | {HUGE}:
            return None
        self._cut[exhibit.path] += 1
        self.observed.counts["cut"] += 1
        return size // 2


def _start(asked: Asked, tag: str) -> int:
    """The first byte that is asked for: of `bytes=N-` alone, and only if the picture is still the one begun."""
    wanted = asked.headers.get("range", "")
    if not wanted.startswith("bytes=") or not wanted.endswith("-") or asked.headers.get("if-range", tag) != tag:
        return 0
    number = wanted[len("bytes=") : -1]
    return int(number) if number.isdecimal() else 0


def _frame(exhibit: Exhibit, place: int) -> str:
    """The picture in its page: plainly, lazily, in two sizes, or as a link, in turn."""
    path, name = escape(exhibit.path), escape(exhibit.path.rpartition("/")[2])
    if place % 4 == 1:
        return f'<img src="/loading.png" data-src="{path}" alt="{name}">'
    if place % 4 == 2:
        return f'<picture><source srcset="{path} 2x, /loading.png 1x"><img src="{path}" alt="{name}"></picture>'
    if place % 4 == 3 and "?" not in path:
        return f'<a href="{path}">{name}</a>'
    return f'<img src="{path}" alt="{name}">'


def _hang(seed: int, count: int, huge: int) -> list[Exhibit]:
    """The exhibits in the order of their rooms: `count` good pictures, and the special ones among them."""
    dice = Random(seed)
    found = [_good(dice, number) for number in range(count)]
    for special in _specials(found[0], huge) if found else ():
        found.insert(dice.randint(0, len(found)), special)
    return found


def _good(dice: Random, number: int) -> Exhibit:
    form = tuple(FORMATS)[number % len(FORMATS)]
    width, height = dice.randint(_SMALLEST, _LARGEST), dice.randint(_SMALLEST, _LARGEST)
    path = f"/pictures/boats-{number:03}.{SUFFIXES[form]}"
    return Exhibit(path, GOOD, form, lambda: draw(form, width, height, number))


def _specials(first: Exhibit, huge: int) -> list[Exhibit]:
    page = b"<!DOCTYPE html><html><body>Sorry, the picture is being cleaned.</body></html>"
    return [
        Exhibit(f"/copies/{first.path.rpartition('/')[2]}?again=1", COPY, first.form, first.contents),
        Exhibit("/pictures/broken.jpg", BROKEN, "JPEG", lambda: draw("JPEG", 300, 200, -1)[:-900]),
        Exhibit("/pictures/page.png", LIAR, "PNG", lambda: page),
        Exhibit("/pictures/modest.png", MODEST, "PNG", lambda: draw("PNG", 120, 80, -2)),
        Exhibit("/pictures/huge.png", HUGE, "PNG", lambda: draw_huge(huge)),
        Exhibit("/pictures/slow.jpg", SLOW, "JPEG", lambda: draw("JPEG", 320, 240, -3)),
        Exhibit("/pictures/missing.gif", MISSING, "GIF", lambda: b""),
        Exhibit("/pictures/bomb.png", BOMB, "PNG", bomb),
    ]
