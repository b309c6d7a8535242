"""What the lease frontier in a file promises beyond the contract: it outlives processes, and several may share it."""

from __future__ import annotations

import sqlite3

import pytest

from shoal.crawl.frontier.leases import Ack, Entry, LeaseStats
from shoal.crawl.frontier.leases_sqlite import SqliteLeases
from shoal.errors import MachineError, UsageError


def entries(count, host="a"):
    return [Entry(host, f'["{host}/{number}"]', f"{host}/{number}".encode().ljust(20, b".")) for number in range(count)]


def test_everything_is_there_when_the_file_is_opened_again(tmp_path):
    first = SqliteLeases(tmp_path / "f")
    first.add(entries(4))
    (lease,) = first.lease("one", 9, 2, 10, 100)
    first.ack([Ack(lease.token, next_allowed=150, delay=2.0)], 101)
    first.close()
    again = SqliteLeases(tmp_path / "f")
    assert again.stats() == LeaseStats(added=4, done=2, waiting=2)
    assert again.add(entries(4)) == 0
    assert again.lease("one", 9, 9, 10, 149) == []
    (lease,) = again.lease("one", 9, 9, 10, 150)
    assert lease.entries == ('["a/2"]', '["a/3"]')
    assert lease.delay == 2.0
    again.close()


def test_leases_of_a_process_that_is_gone_end_when_somebody_else_has_the_file_alone(tmp_path):
    gone = SqliteLeases(tmp_path / "f")
    gone.add(entries(4))
    (lease,) = gone.lease("one", 9, 2, 1000, 100)
    gone.close()
    again = SqliteLeases(tmp_path / "f", alone=True)
    assert again.stats() == LeaseStats(added=4, waiting=4, returned=2)
    (newer,) = again.lease("two", 9, 9, 10, 100)
    assert newer.token > lease.token
    assert again.ack([Ack(lease.token)], 101) == 0
    again.close()


def test_a_file_that_somebody_has_alone_is_not_opened(tmp_path):
    first = SqliteLeases(tmp_path / "f", alone=True)
    with pytest.raises(UsageError, match="another crawl is at work"):
        SqliteLeases(tmp_path / "f", alone=True)
    first.close()
    SqliteLeases(tmp_path / "f", alone=True).close()


def test_two_share_a_file_and_see_what_the_other_does(tmp_path):
    one, two = SqliteLeases(tmp_path / "f"), SqliteLeases(tmp_path / "f")
    assert one.add(entries(4)) == 4
    assert two.add([*entries(4), *entries(2, "b")]) == 2
    (mine,) = one.lease("one", 1, 9, 10, 0)
    (other,) = two.lease("two", 9, 9, 10, 0)
    assert (mine.host, other.host) == ("a", "b")
    assert two.ack([Ack(mine.token), Ack(other.token)], 1) == 6
    assert one.stats() == LeaseStats(added=6, done=6)
    one.close()
    two.close()


def test_entries_that_come_to_an_end_in_the_middle_are_none(tmp_path):
    frontier = SqliteLeases(tmp_path / "f")

    def broken():
        yield from entries(2)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        frontier.add(broken())
    assert frontier.stats() == LeaseStats()
    assert frontier.add(entries(2, "b")) == 2
    assert frontier.add(entries(2)) == 2
    assert [lease.host for lease in frontier.lease("w", 9, 9, 10, 0)] == ["b", "a"]
    frontier.close()


def test_a_file_of_somebody_else_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "f") as db:
        db.execute("PRAGMA user_version=7")
    db.close()
    (tmp_path / "g").write_bytes(b"no database at all, " * 100)
    for name in ("f", "g"):
        with pytest.raises(UsageError, match="is no file of a frontier"):
            SqliteLeases(tmp_path / name)
    with pytest.raises(MachineError, match="cannot open"):
        SqliteLeases(tmp_path / "no folder" / "f")
