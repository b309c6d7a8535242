"""The practice film board: a hundred films, ten pages, and refusals that look like pages."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from shoal.errors import UsageError
from shoal.lab.films import BOARD, FilmBoard, invent
from shoal.lab.message import Asked

BROWSER = {"user-agent": "Mozilla/5.0", "host": "127.0.0.1:8000"}
# The order that programs with one regular expression for an entry depend on.
ENTRY = re.compile(
    r'board-index-\d+">(\d+)</i>.*?data-src="(.*?)".*?class="name"><a.*?>(.*?)</a>.*?class="star">(.*?)</p>'
    r'.*?class="releasetime">(.*?)</p>.*?integer">(.*?)</i>.*?fraction">(.*?)</i>',
    re.DOTALL,
)


def get(site, target, **headers):
    return site(Asked("GET", target, {**BROWSER, **headers}))


def text(answer):
    return answer.body.decode("utf-8")


def test_the_ten_pages_hold_every_film_once_in_the_classic_order_of_marks():
    site = FilmBoard()
    found = [
        entry for start in range(0, 100, 10) for entry in ENTRY.findall(text(get(site, f"{BOARD}?offset={start}")))
    ]
    assert [int(entry[0]) for entry in found] == list(range(1, 101))
    for film, (_, picture, title, stars, released, whole, tenth) in zip(site.films, found, strict=True):
        assert (title, whole + tenth) == (film.title, film.score)
        assert stars.strip() == "主演：" + ",".join(film.stars)
        assert released == "上映时间：" + film.release_time()
        assert get(site, picture.partition(":8000")[2]).body.startswith(b"\xff\xd8")


def test_the_values_have_the_shapes_of_the_real_board():
    films = invent()
    places = Counter(film.place for film in films)
    assert (places[None], places["美国"], places["法国戛纳"]) == (36, 30, 1)
    assert sum(film.released.isdecimal() for film in films) == 2
    assert all(film.stars and re.fullmatch(r"\d\.\d", film.score) for film in films)
    assert len({film.title for film in films}) == len({film.picture for film in films}) == 100


def test_the_same_seed_gives_the_same_board():
    assert invent(3) == invent(3)
    assert invent(3) != invent(4)


def test_an_offset_is_an_index_and_no_page_number():
    site = FilmBoard()
    assert ENTRY.findall(text(get(site, f"{BOARD}?offset=2")))[0][0] == "3"
    assert "not-found-body" in text(get(site, f"{BOARD}?offset=100"))
    assert "not-found-body" in text(get(site, f"{BOARD}?offset=x"))


def test_the_pager_shows_first_a_gap_and_five_around_by_relative_links():
    pager = text(get(FilmBoard(), f"{BOARD}?offset=50")).partition("list-pager")[2]
    assert re.findall(r'page_(\d+)"\nhref="(.*?)"', pager) == [
        ("5", "?offset=40"),
        ("1", "?offset=0"),
        ("4", "?offset=30"),
        ("5", "?offset=40"),
        ("6", "javascript:void(0);"),
        ("7", "?offset=60"),
        ("8", "?offset=70"),
        ("7", "?offset=60"),
    ]
    assert 'class="sep"' in pager


def test_no_user_agent_is_403():
    site = FilmBoard()
    assert site(Asked("GET", BOARD, {})).status == 403
    assert site.observed.counts["agent"] == 1


def test_cookies_wear_out_and_the_front_page_renews_them():
    site = FilmBoard(budget=2)
    assert get(site, BOARD).headers["Location"].startswith("/verify?requestCode=")
    cookie = get(site, "/").cookies[0].partition(";")[0]
    statuses = [get(site, BOARD, cookie=cookie).status for _ in range(3)]
    assert statuses == [200, 200, 302]
    check = get(site, get(site, BOARD, cookie=cookie).headers["Location"])
    assert (check.status, "猫眼验证中心" in text(check), "<dd" in text(check)) == (200, True, False)
    renewed = get(site, "/").cookies[0].partition(";")[0]
    assert get(site, BOARD, cookie=renewed).status == 200


def test_modes_take_a_score_a_page_or_everything_away():
    site = FilmBoard(scoreless=[7], gone=[20])
    assert text(get(site, BOARD)).count('class="score"') == 9
    assert "not-found-body" in text(get(site, f"{BOARD}?offset=20"))
    assert get(FilmBoard(closed=True), BOARD).status == 302


@pytest.mark.parametrize("path", ["/nothing", "/mmdb/nothing.jpg"])
def test_what_is_not_there_is_404(path):
    assert get(FilmBoard(), path).status == 404


def test_modes_have_names_and_can_be_joined():
    site = FilmBoard(mode="scoreless+gone")
    assert text(get(site, f"{BOARD}?offset=30")).count('class="score"') == 9
    assert "not-found-body" in text(get(site, f"{BOARD}?offset=40"))
    with pytest.raises(UsageError, match="no mode 'happy'"):
        FilmBoard(mode="happy")
