"""The table of the salary survey: files of older versions are gone on with."""

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from shoal.store import open_store
from shoal.store.schema import RUNS, VERSIONS
from shoal.surveys.salaries.table import SALARIES, SCHEMA, salary_of, survey_rows

OLD = Path(__file__).parent / "data" / "salaries-1.sql"


@pytest.fixture
def old(tmp_path):
    """A file that version 1 wrote."""
    file = tmp_path / "old.db"
    connection = sqlite3.connect(file)
    connection.executescript(OLD.read_text(encoding="utf-8"))
    connection.close()
    return str(file)


def test_a_file_of_version_1_becomes_one_of_today_and_keeps_every_row(old):
    for _ in range(2):  # the second time there is nothing to do
        with open_store(old, SCHEMA) as store:
            assert store.rows(select(VERSIONS)) == [{"name": "salaries", "version": SCHEMA.version}]
            rows = {row["salary"]: row for row in survey_rows(store)}
    assert set(rows) == {"15k-30k", "15k以上", "200-300元/天", "面议"}
    day = rows["200-300元/天"]
    assert (day["low"], day["high"], day["currency"], day["period"]) == (200.0, 300.0, "CNY", "day")
    assert (rows["15k以上"]["low"], rows["15k以上"]["high"]) == (15_000.0, None)
    assert salary_of(rows["面议"]) is None
    assert rows["15k-30k"]["seen"] == rows["15k-30k"]["found"] == datetime(2026, 1, 5, 9, 0, 2)
    assert set(rows["面议"]) == set(SALARIES.c.keys())


def test_a_migrated_file_takes_new_rows_and_knows_the_runs_of_before(old):
    with open_store(old, SCHEMA) as store:
        store.upsert(SALARIES, [{"city": "北京", "title": "Python开发", "salary": "15k-30k", "keyword": "Python"}])
        store.upsert(SALARIES, [{"city": "上海", "title": "x", "salary": "9k", "keyword": "Python"}])
        assert len(survey_rows(store)) == 5
        with store.run("salaries", {}):
            pass
        # The old run was of another machine: nobody here can say that it is over.
        assert [run["status"] for run in store.rows(select(RUNS).order_by(RUNS.c.id))] == ["running", "done"]
