"""What a page of the film board says: read from pages, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from shoal.lab.films import FilmBoard
from shoal.lab.message import Asked
from shoal.surveys.movies.board import (
    Gone,
    Refused,
    Release,
    missing,
    offsets,
    pages_of,
    ranks_of,
    read_films,
    read_release,
    read_score,
    read_stars,
    verdict,
)

AGENT = {"user-agent": "Mozilla/5.0"}


def page(site, offset=0):
    return Selector(site(Asked("GET", f"/board/4?offset={offset}", AGENT)).body.decode())


def test_every_film_of_the_board_is_read():
    site = FilmBoard()
    found = [film for offset in offsets() for film in read_films(page(site, offset))]
    assert [film["rank"] for film in found] == list(range(1, 101))
    for film, truth in zip(found, site.films, strict=True):
        assert (film["title"], film["stars"], film["score"]) == (truth.title, list(truth.stars), float(truth.score))
        assert (film["released"], film["place"]) == (truth.released, truth.place)
        assert truth.picture in film["picture"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上映时间：1993-01-01(中国香港)", Release("1993-01-01", 1993, "中国香港", "中国香港")),
        ("上映时间：1993-07-26", Release("1993-07-26", 1993, None, None)),
        ("上映时间：1992", Release("1992", 1992, None, None)),
        ("上映时间：1994-05-12(法国戛纳)", Release("1994-05-12", 1994, "法国", "法国戛纳")),
        ("上映时间：1998-04（意大利）", Release("1998-04", 1998, "意大利", "意大利")),
        ("1998-4-3(美国)", Release("1998-04-03", 1998, "美国", "美国")),
        ("上映时间：", Release(None, None, None, None)),
        ("即将上映", Release(None, None, None, None)),
    ],
)
def test_a_release_is_read(text, expected):
    assert read_release(text) == expected


@given(st.text(max_size=40))
def test_no_text_is_too_odd_to_be_read(text):
    read_release(text)
    read_score(text)
    assert all(name and name == name.strip() for name in read_stars(text))


def test_stars_are_separated_by_any_comma():
    assert read_stars("主演：甲,乙，丙、丁 ") == ["甲", "乙", "丙", "丁"]
    assert read_stars("主演：") == []


@pytest.mark.parametrize(("text", "score"), [("9.5", 9.5), ("9. 5", 9.5), ("", None), ("暂无", None), ("95", None)])
def test_a_score_is_between_0_and_10_or_none(text, score):
    assert read_score(text) == score


@pytest.mark.parametrize(
    ("status", "html", "kind", "words"),
    [
        (200, "<title>猫眼验证中心</title>", Refused, "check page"),
        (200, "<title>x</title><div class='not-found-body'></div>", Gone, "does not exist"),
        (200, "<title>TOP100榜</title><dl class='board-wrapper'></dl>", Refused, "without films"),
        (403, "", Refused, "status 403"),
        (404, "", Gone, "status 404"),
        (504, "", Refused, "status 504"),
    ],
)
def test_a_page_without_films_is_never_a_board(status, html, kind, words):
    found = verdict(status, Selector(html or "<p>"))
    assert isinstance(found, kind)
    assert words in found.why


def test_an_answer_that_is_no_text_is_refused():
    assert isinstance(verdict(200, None), Refused)


def test_an_entry_without_rank_or_title_is_no_film():
    entries = "<dd><i class='board-index'>x</i><p class='name'><a title='t'></a></p></dd>" * 2
    html = f"<dl class='board-wrapper'>{entries}<dd><i class='board-index'>101</i></dd></dl>"
    assert read_films(Selector(html)) == []


def test_the_pages_to_ask_are_those_with_a_rank_missing():
    assert pages_of(set(range(1, 101)) - {1, 55, 56}) == [0, 50]
    assert pages_of(set()) == offsets()
    assert list(ranks_of(90)) == list(range(91, 101))
    assert missing([1, 2, 3], [2]) == [1, 3]
