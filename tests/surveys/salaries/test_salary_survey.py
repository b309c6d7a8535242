"""The salary survey against the practice job board, in process: what is stored, what was asked, how it ended."""

import time

import pytest
from sqlalchemy import create_engine, inspect, select, text

import database_servers
from shoal.errors import MachineError
from shoal.lab.practice import Lab
from shoal.store import open_store
from shoal.store.address import database_url
from shoal.store.schema import RUNS
from shoal.surveys.salaries.survey import SalarySurvey, Wish
from shoal.surveys.salaries.table import NEW_IN_2, SALARIES, SCHEMA, survey_rows

PAUSE = 0.15


def survey(lab, where, cities=("北京",), **wishes):
    """A survey that is in a hurry; the survey and what the database holds then."""
    wish = Wish(lab.jobs.url, cities, **{"delay": 0.0, "pause": PAUSE, "tries": 3, **wishes})
    with open_store(str(where), SCHEMA) as store:
        done = SalarySurvey(store, wish)
        done.run()
        return done, survey_rows(store)


def runs(where):
    with open_store(str(where), SCHEMA) as store:
        return store.rows(select(RUNS).order_by(RUNS.c.id))


def keys(rows):
    return {(row["city"], row["title"], row["salary"]) for row in rows}


def truth(lab, *cities, keyword="Python"):
    return {job.key for city in cities for job in lab.jobs.site.truth(keyword, city)}


@pytest.fixture
def where(tmp_path):
    return tmp_path / "surveys.db"


def test_every_model_stores_the_same_rows(tmp_path):
    found = {}
    for model in ("thread", "async", "proc"):
        with Lab("jobs") as lab:
            _, rows = survey(lab, tmp_path / f"{model}.db", ("北京", "深圳"), model=model, limit=40)
            for row in rows:
                del row["found"], row["seen"]
            found[model] = rows
            assert keys(rows) <= truth(lab, "北京", "深圳")
    assert len(found["thread"]) == 80
    assert found["thread"] == found["async"] == found["proc"]


@pytest.mark.parametrize("mode", ["normal", "drift", "flat", "strict", "errors", "lenient", "salaries"])
def test_exactly_so_many_distinct_jobs_a_city_whatever_comes_twice_or_fails(where, mode):
    with Lab("jobs", mode=f"jobs={mode}") as lab:
        done, rows = survey(lab, where, ("北京", "广州"), limit=50)
        assert [sum(row["city"] == city for row in rows) for city in ("北京", "广州")] == [50, 50]
        assert len(keys(rows)) == 100
        assert keys(rows) <= truth(lab, "北京", "广州")
    assert all(city.end == "complete" for city in done.cities.values())
    (run,) = runs(where)
    assert (run["status"], run["counts"]["北京"]["new"]) == ("done", 50)


def test_a_site_that_has_no_more_is_told_honestly(where):
    with Lab("jobs", mode="jobs=small") as lab:
        done, rows = survey(lab, where)
        assert keys(rows) == truth(lab, "北京")
    assert done.cities["北京"].sentence() == "北京: only 87 of 100 jobs exist, the site has no more"
    assert runs(where)[0]["status"] == "done"


def test_salary_texts_that_cannot_be_read_are_kept_as_they_are(where):
    with Lab("jobs", mode="jobs=salaries") as lab:
        _, rows = survey(lab, where, limit=60)
    unread = [row for row in rows if row["currency"] is None]
    assert 0 < len(unread) < 30
    assert all(row["salary"] and row["low"] is row["high"] is None for row in unread)


@pytest.mark.parametrize("model", ["thread", "async", "proc"])
def test_worn_out_cookies_pause_the_host_and_renew_the_session(where, model):
    with Lab("jobs", options={"jobs": {"budget": 2}}) as lab:
        done, rows = survey(lab, where, ("北京", "上海"), limit=45, model=model)
        observed = lab.jobs.observed
        assert len(rows) == 90
        assert observed.refusals >= 2
        # The pause is varied by a quarter; what was under way when the refusal was given does not count.
        assert observed.in_pause(PAUSE * 0.7, grace=0.05) == 0
        assert observed.counts["list pages"] >= 2 + observed.refusals - 1
    assert sum(city.refusals for city in done.cities.values()) >= 2


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("always-2402", "state 2402"),
        ("always-2402+old-refusal", "操作太频繁"),
        ("html", "HTML"),
        ("truncated", "half a body"),
        ("tracking", "redirected to"),
        ("banned", "/forbidden/fb.html"),
    ],
)
def test_a_refusal_that_does_not_pass_is_a_named_failure_and_never_data(where, mode, said):
    with Lab("jobs", mode=f"jobs={mode}") as lab:
        done, rows = survey(lab, where, pause=0.02, tries=3)
        assert lab.jobs.observed.requests <= 2 * 3 + 1
    assert rows == []
    city = done.cities["北京"]
    assert (city.end, city.worked) == ("refused", False)
    assert "refused 3 times in a row" in city.why
    assert said in city.why
    (run,) = runs(where)
    assert run["status"] == "failed"
    assert said in run["reason"]


def test_what_is_stored_is_not_asked_for_again(where):
    with Lab("jobs", mode="jobs=still") as lab:
        survey(lab, where, limit=40)
        asked = lab.jobs.observed.counts["data pages"]
        _, rows = survey(lab, where, limit=40)
        assert lab.jobs.observed.counts["data pages"] == asked
        assert len(rows) == 40
        _, rows = survey(lab, where, limit=70)
        assert len(rows) == len(keys(rows)) == 70
        # The first page for the name of the search, the page where the first run stopped, and those after it.
        assert lab.jobs.observed.counts["data pages"] - asked <= 4


def test_what_another_keyword_has_found_is_not_stored_twice(where):
    with Lab("jobs") as lab:
        survey(lab, where, keyword="Python", limit=30)
        _, rows = survey(lab, where, keyword="后端", limit=30)
    assert len(rows) == len(keys(rows))
    assert {word: sum(row["keyword"] == word for row in rows) for word in ("Python", "后端")} == {
        "Python": 30,
        "后端": 30,
    }


def test_a_fresh_survey_replaces_what_was_there_when_it_has_all(where):
    with Lab("jobs", seed=1) as lab:
        survey(lab, where, limit=30)
    with Lab("jobs", seed=2) as lab:
        _, rows = survey(lab, where, limit=20, fresh=True)
        assert keys(rows) <= truth(lab, "北京")
    assert len(rows) == 20


def test_a_fresh_survey_that_is_refused_leaves_what_was_there(where):
    with Lab("jobs") as lab:
        _, before = survey(lab, where, limit=30)
    with Lab("jobs", mode="jobs=always-2402") as lab:
        _, after = survey(lab, where, limit=30, fresh=True, pause=0.01)
    assert after == before


def test_a_site_that_does_not_answer_is_a_named_failure(where):
    with Lab("jobs") as lab:
        pass
    done, rows = survey(lab, where)
    assert rows == []
    assert done.cities["北京"].end == "failed"
    assert done.cities["北京"].why


def test_nothing_about_people_is_asked_for_or_stored(where):
    with Lab("jobs") as lab:
        _, rows = survey(lab, where, limit=20)
        assert lab.jobs.observed.counts["detail pages"] == 0
        raw = [job.row for job in lab.jobs.site.truth("Python", "北京")]
    assert {name for name in rows[0] if "publisher" in name or "hr" in name or "phone" in name} == set()
    assert not {str(row["publisherId"]) for row in raw if row["publisherId"] > 9999} & {
        str(value) for row in rows for value in row.values()
    }


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server(request):
    with database_servers.running(request.param) as url:
        yield url


def test_the_same_rows_are_in_every_kind_of_database(server, where):
    with Lab("jobs") as lab:
        _, here = survey(lab, where, limit=35)
    with Lab("jobs") as lab:
        _, there = survey(lab, server, limit=35)
        _, there_again = survey(lab, server, limit=35)
    assert there == there_again
    assert keys(here) == keys(there)
    assert {(row["low"], row["high"]) for row in here} == {(row["low"], row["high"]) for row in there}
    assert SALARIES.c.low.name in there[0]


def test_tables_of_version_1_become_those_of_today_on_a_server(server):
    with Lab("jobs") as lab:
        _, before = survey(lab, server, limit=35)
    engine = create_engine(database_url(server))
    with engine.begin() as connection:
        for name in NEW_IN_2:
            connection.execute(text(f"ALTER TABLE salaries DROP COLUMN {name}"))
        connection.execute(text("UPDATE shoal_schemas SET version = 1"))
    with open_store(server, SCHEMA) as store:
        after = survey_rows(store)
    assert {column["name"] for column in inspect(engine).get_columns("salaries")} == set(SALARIES.c.keys())
    engine.dispose()
    figures = ("title", "salary", "low", "high", "currency", "period", "months")
    assert [[row[name] for name in figures] for row in after] == [[row[name] for name in figures] for row in before]


@pytest.mark.parametrize("model", ["thread", "async", "proc"])
def test_a_store_that_fails_ends_the_survey_at_once_even_in_a_long_pause(where, model, monkeypatch):
    """One city is refused and waits; the other one's page cannot be stored."""
    monkeypatch.setattr("shoal.surveys.conduct.SECONDS_TO_END", 0.2)
    with Lab("jobs", options={"jobs": {"budget": 1}}) as lab:
        wish = Wish(lab.jobs.url, ("北京",), delay=0.0, pause=600.0, model=model)
        with open_store(str(where), SCHEMA) as store:
            done = SalarySurvey(store, wish)

            def watch():
                if done.cities["北京"].refusals:
                    raise MachineError("the disk is full")

            began = time.monotonic()
            with pytest.raises(MachineError, match="disk is full"):
                done.run(watch)
            assert time.monotonic() - began < 30
            assert len(survey_rows(store)) == 15
    assert runs(where)[0]["status"] == "failed"
