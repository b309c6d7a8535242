"""The same behaviour on SQLite, PostgreSQL and MariaDB, each a real one."""

import os
import signal
import subprocess
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Double, Integer, String, func, select

from shoal.errors import MachineError, UsageError
from shoal.store import Schema, open_store, table
from shoal.store.address import database_url, shown
from shoal.store.schema import RUNS, VERSIONS
from shoal.store.upsert import upserts

THINGS = table(
    "test_things",
    Column("city", String(64), primary_key=True),
    Column("salary", String(64), primary_key=True),
    Column("amount", Double),
    Column("first", Integer),
)
SCHEMA = Schema("things", (THINGS,))


def rows(store):
    return store.rows(select(THINGS).order_by(THINGS.c.city, THINGS.c.salary))


def test_a_row_that_is_stored_again_is_there_once_with_its_new_values(any_database):
    with open_store(any_database, SCHEMA) as store:
        store.upsert(THINGS, [{"city": "北京", "salary": "15k", "amount": 1.5, "first": 1}])
        store.upsert(THINGS, [{"city": "北京", "salary": "15k", "amount": 2.25, "first": 2}], keep=("first",))
        assert rows(store) == [{"city": "北京", "salary": "15k", "amount": 2.25, "first": 1}]


def test_texts_that_differ_by_case_or_accent_or_beyond_the_bmp_are_different_rows(any_database):
    texts = ["15k", "15K", "é", "e", "𠮷", "吉", "ß", "ss"]
    with open_store(any_database, SCHEMA) as store:
        store.upsert(THINGS, [{"city": "上海", "salary": text} for text in texts])
        assert sorted(row["salary"] for row in rows(store)) == sorted(texts)


def test_of_two_rows_with_one_key_in_one_call_the_last_counts(any_database):
    with open_store(any_database, SCHEMA) as store:
        store.upsert(THINGS, [{"city": "a", "salary": "b", "amount": float(n)} for n in range(3)])
        assert [row["amount"] for row in rows(store)] == [2.0]


def test_columns_that_a_row_does_not_name_stay_as_they_are(any_database):
    with open_store(any_database, SCHEMA) as store:
        store.upsert(THINGS, [{"city": "a", "salary": "b", "amount": 1.0, "first": 7}])
        store.upsert(THINGS, [{"city": "a", "salary": "b"}, {"city": "a", "salary": "b", "amount": 3.0}])
        assert rows(store) == [{"city": "a", "salary": "b", "amount": 3.0, "first": 7}]


def test_what_no_database_can_store_is_left_out_of_a_text(any_database):
    with open_store(any_database, SCHEMA) as store:
        store.upsert(THINGS, [{"city": "a\0b\ud800", "salary": "c"}])
        assert rows(store)[0]["city"] == "ab"


def test_a_batch_is_stored_whole_or_not_at_all(any_database):
    with open_store(any_database, SCHEMA) as store:
        with pytest.raises(ValueError, match="no column"):
            store.upsert(THINGS, [{"city": "a", "salary": "b"}, {"city": "a", "salary": "c", "nonsense": 1}])
        assert rows(store) == []


def test_a_run_says_when_what_and_how_it_ended(any_database):
    ticks = iter([datetime(2026, 1, 1, 12, 0, 0), datetime(2026, 1, 1, 12, 0, 9)])
    with open_store(any_database, SCHEMA, now=lambda: next(ticks)) as store:
        with store.run("things", {"城市": ["北京"], "limit": 3}) as run:
            run.counts["stored"] = 3
        (row,) = store.rows(select(RUNS))
    assert (row["survey"], row["status"], row["reason"]) == ("things", "done", None)
    assert (row["started"], row["ended"]) == (datetime(2026, 1, 1, 12), datetime(2026, 1, 1, 12, 0, 9))
    assert (row["parameters"], row["counts"]) == ({"城市": ["北京"], "limit": 3}, {"stored": 3})


@pytest.mark.parametrize(("problem", "status"), [(ValueError("no"), "failed"), (KeyboardInterrupt(), "interrupted")])
def test_a_run_that_is_broken_off_says_so(tmp_path, problem, status):
    with open_store(str(tmp_path / "s.db"), SCHEMA) as store:
        with pytest.raises(type(problem)), store.run("things", {}):
            raise problem
        assert store.rows(select(RUNS.c.status)) == [{"status": status}]


CHILD = """
import sys
sys.path.insert(0, {folder!r})
from test_store import SCHEMA, THINGS
from shoal.store import open_store
with open_store({where!r}, SCHEMA) as store, store.run("things", {{}}) as run:
    for number in range(100_000):
        store.upsert(THINGS, [{{"city": "a", "salary": str(number), "amount": 0.0, "first": run.id}}])
        print(number, flush=True)
"""


def test_kill_9_loses_no_row_that_was_stored_and_the_next_run_names_the_killed_one(any_database, python):
    code = CHILD.format(folder=os.path.dirname(__file__), where=any_database)
    child = subprocess.Popen([python, "-c", code], stdout=subprocess.PIPE, text=True)
    for _ in range(25):
        child.stdout.readline()
    child.kill()
    told = child.stdout.read().split()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    stored = max([24, *map(int, told)]) + 1
    with open_store(any_database, SCHEMA) as store:
        with store.run("things", {}):
            pass
        assert store.rows(select(func.count().label("n")).select_from(THINGS))[0]["n"] in (stored, stored + 1)
        assert [row["status"] for row in store.rows(select(RUNS).order_by(RUNS.c.id))] == ["killed", "done"]


def test_a_database_of_a_newer_shoal_is_left_alone(any_database):
    newer = Schema("things", (THINGS,), migrations=(lambda connection: None,))
    open_store(any_database, newer).close()
    with pytest.raises(UsageError, match="newer Shoal: its things have schema 2"):
        open_store(any_database, SCHEMA)


def test_migrations_run_once_and_in_order(any_database):
    done = []
    steps = tuple((lambda connection, n=n: done.append(n)) for n in (2, 3))
    open_store(any_database, SCHEMA).close()
    for _ in range(2):
        with open_store(any_database, Schema("things", (THINGS,), migrations=steps)) as store:
            assert store.rows(select(VERSIONS.c.version)) == [{"version": 3}]
    assert done == [2, 3]


def test_a_migration_that_fails_leaves_an_sqlite_file_as_it_was(tmp_path):
    where = str(tmp_path / "s.db")
    open_store(where, SCHEMA).close()

    def fails(connection):
        connection.exec_driver_sql("ALTER TABLE test_things ADD COLUMN half TEXT")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        open_store(where, Schema("things", (THINGS,), migrations=(fails,)))
    with open_store(where, SCHEMA) as store:
        assert store.rows(select(VERSIONS.c.version)) == [{"version": 1}]
        assert rows(store) == []


def test_two_surveys_share_a_database(tmp_path):
    other = table("test_others", Column("id", Integer, primary_key=True))
    with open_store(str(tmp_path / "s.db"), SCHEMA, Schema("others", (other,))) as store:
        store.upsert(other, [{"id": 1}])
        store.upsert(other, [{"id": 1}])
        assert store.rows(select(other)) == [{"id": 1}]


def test_a_reader_does_not_wait_for_a_writer(tmp_path):
    where = str(tmp_path / "s.db")
    with open_store(where, SCHEMA) as writer, open_store(where, SCHEMA) as reader, writer._changing() as connection:
        connection.execute(THINGS.insert().values(city="a", salary="b"))
        began = time.monotonic()
        assert rows(reader) == []
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no name"),
        ("oracle://x/y", "oracle:// is not a database Shoal knows"),
        ("postgresql://localhost:5432", "names no database"),
        ("postgresql://localhost:nonsense/x", "cannot be read"),
    ],
)
def test_what_names_no_database_is_told(text, said):
    with pytest.raises(UsageError, match=said):
        database_url(text)


def test_a_password_is_never_shown():
    assert "secret" not in shown(database_url("postgresql://me:secret@localhost/x"))


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("milk, bread, and enough text to look like something else than an empty file " * 20)
    with pytest.raises(UsageError, match=r"notes\.txt is a file, but not a database"):
        open_store(str(file), SCHEMA)
    assert file.read_text().startswith("milk")


def test_a_database_that_is_not_there_is_not_made_for_a_reader(tmp_path):
    with pytest.raises(UsageError, match="there is no"):
        open_store(str(tmp_path / "s.db"), SCHEMA, new=False)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_and_a_server_that_does_not_run_are_told(tmp_path):
    with pytest.raises(MachineError, match="unable to open database file"):
        open_store(str(tmp_path / "none" / "s.db"), SCHEMA)
    with pytest.raises(MachineError, match="will not"):
        open_store(f"postgresql://me@/x?host={tmp_path}", SCHEMA)


@given(st.lists(st.fixed_dictionaries({"city": st.text(max_size=3), "salary": st.sampled_from("ab")})))
def test_no_batch_holds_a_key_twice(found):
    for dialect in ("sqlite", "postgresql", "mariadb"):
        for _, batch in upserts(THINGS, found, (), dialect):
            keys = [(row["city"], row["salary"]) for row in batch]
            assert len(keys) == len(set(keys))


def test_a_row_without_its_key_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="has no salary"):
        list(upserts(THINGS, [{"city": "a"}], (), "sqlite"))
