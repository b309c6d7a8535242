"""The picture of the film survey."""

import pytest

altair = pytest.importorskip("altair")

from shoal.lab.films import FilmBoard  # noqa: E402
from shoal.surveys.movie_board import country_of  # noqa: E402
from shoal.surveys.movie_chart import OTHERS, UNKNOWN, chart, points  # noqa: E402


def films(**board):
    return [
        {
            "rank": film.rank,
            "title": film.title,
            "stars": list(film.stars),
            "released": film.released,
            "year": int(film.released[:4]),
            "country": country_of(film.place),
            "score": float(film.score),
        }
        for film in FilmBoard(**board).films
    ]


def test_every_film_with_a_year_and_a_score_is_a_point():
    rows = films()
    rows[3]["score"] = None
    rows[4]["year"] = None
    drawn = points(rows)
    assert [point["rank"] for point in drawn] == [row["rank"] for row in rows if row["rank"] not in (4, 5)]
    assert "not drawn for want of a score or a year: 2" in chart(rows).to_json()


def test_few_colours_are_used_and_the_rest_are_others():
    drawn = points(films())
    colours = {point["colour"] for point in drawn}
    assert len(colours) == 8
    assert {OTHERS, UNKNOWN, "美国"} <= colours
    assert {point["country"] for point in drawn} > colours - {OTHERS}


def test_nothing_to_draw_is_no_chart():
    assert chart([]) is None
    assert chart([{**films()[0], "score": None}]) is None
