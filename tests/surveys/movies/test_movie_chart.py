"""The picture of the film survey."""

from datetime import datetime

import pytest
from browser import CHROMIUM, in_browser, words

from shoal.lab.films import FilmBoard
from shoal.store import open_store
from shoal.surveys import charts
from shoal.surveys.movies.board import country_of
from shoal.surveys.movies.chart import OTHERS, UNKNOWN, chart, points
from shoal.surveys.movies.table import FILMS, SCHEMA, row_of

pytestmark = pytest.mark.usefixtures("drawing_machine")


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


@pytest.fixture
def database(tmp_path):
    """The path of a database with the hundred films, of which one has no score."""
    where = str(tmp_path / "surveys.db")
    now = datetime(2026, 1, 1)
    with open_store(where, SCHEMA) as store:
        pages = [{**film, "place": film["country"], "picture": None} for film in films()]
        pages[6]["score"] = None
        store.upsert(FILMS, [row_of(film, "http://127.0.0.1:8000", 1, now) for film in pages])
    return where


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_the_html_file_draws_itself_in_a_browser(database, tmp_path):
    page = tmp_path / "films.html"
    with open_store(database, SCHEMA) as store:
        charts.draw("movies", store, [str(page)])
    (svg,) = in_browser(page, tmp_path).xpath("//*[local-name()='svg' and contains(@class, 'marks')]")
    assert len(svg.xpath(".//*[contains(@class, 'mark-symbol')]/*[@aria-roledescription='circle']")) == 99
    title = {"Scores by year of release", "99 films; not drawn for want of a score or a year: 1"}
    assert {*title, "year", "score", "released in", "美国", "中国香港", OTHERS, UNKNOWN} <= words(svg)


def test_the_command_draws_the_films_that_are_stored(call, database, tmp_path):
    assert call("chart", "--kind", "movies", "--db", database, "-o", "films.svg").returncode == 0
    text = (tmp_path / "films.svg").read_text(encoding="utf-8")
    assert text.count('aria-roledescription="circle"') == 99
