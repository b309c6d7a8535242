"""The film survey against the practice board: each rank once, or a failure with a name."""

import pytest
from sqlalchemy import select

from shoal.lab.films import FilmBoard
from shoal.lab.web import WebServer
from shoal.store import open_store
from shoal.store.schema import RUNS
from shoal.surveys.conduct import MODELS
from shoal.surveys.movies.survey import MovieSurvey, Wish, named
from shoal.surveys.movies.table import COLUMNS, SCHEMA, survey_rows


def conduct(server, folder, tries=4, **wishes):
    wish = Wish(server.url(""), **{"model": "async", "delay": 0.0, "pause": 0.02, "tries": tries, **wishes})
    with open_store(str(folder / "films.db"), SCHEMA) as store:
        survey = MovieSurvey(store, wish)
        survey.run()
        (*_, run) = store.rows(select(RUNS))
        return survey, survey_rows(store, wish.base_url), run


def expected(server):
    return [(film.rank, film.title, list(film.stars), film.released, float(film.score)) for film in server.site.films]


def told(rows):
    return [(row["rank"], row["title"], row["stars"], row["released"], row["score"]) for row in rows]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_finds_the_hundred_films_once(tmp_path, model):
    with WebServer(FilmBoard()) as server:
        survey, rows, run = conduct(server, tmp_path, model=model)
        assert told(rows) == expected(server)
        assert all(row["picture"].startswith(server.url("/mmdb/")) for row in rows)
    assert survey.missing == []
    assert survey.sentences() == []
    assert (run["status"], run["counts"]["stored"]) == ("done", 100)


@pytest.mark.parametrize("mode", ["strict", "worn"])
def test_a_check_page_is_answered_with_a_new_session(tmp_path, mode):
    with WebServer(FilmBoard(mode=mode)) as server:
        survey, rows, run = conduct(server, tmp_path)
        assert told(rows) == expected(server)
        assert server.observed.counts["check"] == run["counts"]["refusals"] > 0
    assert survey.missing == []


def test_a_site_that_only_checks_is_a_failure_of_every_rank(tmp_path):
    with WebServer(FilmBoard(closed=True)) as server:
        survey, rows, run = conduct(server, tmp_path, tries=2)
    assert rows == []
    assert survey.missing == list(range(1, 101))
    assert survey.sentences()[4] == "ranks 41-50 (offset 40): refused: refused 2 times: a check page (猫眼验证中心)"
    assert run["status"] == "failed"
    assert "ranks 1-10" in run["reason"]


def test_a_page_that_is_gone_is_named_and_the_others_are_there(tmp_path):
    with WebServer(FilmBoard(gone=[40])) as server:
        survey, rows, run = conduct(server, tmp_path)
        assert told(rows) == [film for film in expected(server) if not 41 <= film[0] <= 50]
    assert survey.sentences() == ["ranks 41-50 (offset 40): gone: a page that says it does not exist"]
    assert run["status"] == "partial"


def test_a_film_without_a_score_is_a_film(tmp_path):
    with WebServer(FilmBoard(scoreless=[7])) as server:
        survey, rows, _ = conduct(server, tmp_path)
    assert survey.missing == []
    assert [row["rank"] for row in rows if row["score"] is None] == [7]


def test_only_what_is_missing_is_asked_for_again(tmp_path):
    site = FilmBoard(gone=[40])
    with WebServer(site) as server:
        conduct(server, tmp_path)
        server.site = FilmBoard()
        survey, rows, _ = conduct(server, tmp_path)
        assert told(rows) == expected(server)
        assert server.site.observed.counts["board"] == 1
        conduct(server, tmp_path)
        assert server.site.observed.counts["board"] == 1
        conduct(server, tmp_path, fresh=True)
        assert server.site.observed.counts["board"] == 11
    assert survey.missing == []


def test_nobody_at_home_is_a_failure(tmp_path):
    with WebServer(FilmBoard()) as server:
        pass
    survey, rows, run = conduct(server, tmp_path)
    assert rows == []
    assert run["status"] == "failed"
    assert "failed" in survey.sentences()[0]


def test_no_request_is_sent_while_the_host_is_left_alone(tmp_path):
    with WebServer(FilmBoard(budget=100)) as server:
        conduct(server, tmp_path, pause=1.0)
        # A pause is shortened by up to a quarter. What was on its way when the first refusal came is answered still.
        assert server.observed.in_pause(0.74, grace=0.5) == 0


@pytest.mark.parametrize(("ranks", "words"), [([7], "rank 7"), ([1, 2, 3], "ranks 1-3"), ([3, 5, 9], "ranks 3, 5, 9")])
def test_ranks_have_names(ranks, words):
    assert named(ranks) == words


def test_the_columns_of_files_are_columns_of_the_table():
    from shoal.surveys.movies.table import FILMS

    assert set(COLUMNS) <= {column.name for column in FILMS.c}
