"""The tables of films and pictures in each kind of database: what goes in comes out, and again is once."""

from datetime import datetime

from shoal.store import open_store
from shoal.surveys.images import table as image_table
from shoal.surveys.movies import table as movie_table

NOW = datetime(2026, 1, 2, 3, 4, 5)
FILM = {
    "rank": 1,
    "title": "北岸来信 🎬",
    "stars": ["甲", "乙·丙"],
    "released": "1994-05-12",
    "year": 1994,
    "country": "法国",
    "place": "法国戛纳",
    "score": 9.5,
    "picture": "http://127.0.0.1/" + "x" * 1500,
}


def test_films(any_database):
    site = "http://127.0.0.1:8000"
    with open_store(any_database, movie_table.SCHEMA) as store:
        for run, title in enumerate(("旧名", FILM["title"]), 1):
            rows = [movie_table.row_of({**FILM, "title": title, "rank": rank}, site, run, NOW) for rank in (1, 2)]
            store.upsert(movie_table.FILMS, rows, keep=("found",))
        store.upsert(movie_table.FILMS, [movie_table.row_of({**FILM, "score": None}, "http://other", 2, NOW)])
        first, second = movie_table.survey_rows(store, site)
        assert {name: first[name] for name in FILM} == FILM
        assert (second["rank"], second["run"]) == (2, 2)
        assert movie_table.stored_ranks(store, site) == {1, 2}
        assert len(movie_table.survey_rows(store)) == 3


def test_pictures(any_database):
    long = "http://127.0.0.1/" + "長" * 1000
    stored = {"address": long, "found_on": "http://127.0.0.1/", "outcome": "stored", "path": "pictures/ab/abc.png"}
    stored |= {"sha256": "a" * 64, "bytes": 2**40, "type": "PNG", "width": 1, "height": 2, "thumbnail": None}
    failed = {"address": long + "?", "found_on": "", "outcome": "failed", "why": "status 404"}
    with open_store(any_database, image_table.SCHEMA) as store:
        for run in (1, 2):
            store.upsert(image_table.IMAGES, [image_table.row_of(line, "/f", run, NOW) for line in (stored, failed)])
        rows = {row["address"]: row for row in image_table.survey_rows(store, "/f")}
        assert rows.keys() == {long, long + "?"}
        assert {name: rows[long][name] for name in stored} == stored
        assert (rows[long + "?"]["why"], rows[long + "?"]["run"]) == ("status 404", 2)
        assert image_table.survey_rows(store, "/g") == []
