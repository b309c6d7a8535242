"""The frontier in a job's file: order when little of it is in memory, what is taken and not done, short rows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_frontier_order import DEEDS, HOSTS, InAFile, Line, Model, drain, number_of, numbered, play

from shoal.crawl.frontier import durable, window
from shoal.crawl.frontier.job_file import JobFile
from shoal.crawl.frontier.request_rows import RequestRows
from shoal.crawl.frontier.seen import SeenInFile
from shoal.crawl.frontier.start_read import StartInFile
from shoal.crawl.payloads import JsonRequest
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider
from shoal.errors import UsageError


class Pages(Spider):
    name = "pages"

    def parse_page(self, response): ...

    def failed(self, failure): ...


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(window, "MOST", 4)
    monkeypatch.setattr(durable, "MOST", 4)
    monkeypatch.setattr(durable, "MOST_IN_ALL", 6)


@pytest.mark.parametrize("by_slot", [False, True])
@settings(max_examples=40)
@given(deeds=DEEDS, after=DEEDS)
@pytest.mark.usefixtures("little_memory")
def test_the_order_is_the_same_when_most_requests_are_on_disk_alone(by_slot, deeds, after, tmp_path_factory):
    folder, model = tmp_path_factory.mktemp("job"), Model(by_slot)
    frontier = InAFile(folder, Line() if by_slot else None)
    play(deeds, frontier, model)
    frontier.close()
    frontier, model.last = InAFile(folder, Line() if by_slot else None), ""
    play([("pop",)] * len(deeds) + after, frontier, model)
    assert list(drain(frontier)) == [model.pop() for _ in range(len(model.waiting))]
    assert frontier.close() == 0


@pytest.mark.usefixtures("little_memory")
def test_however_many_wait_few_are_in_memory(tmp_path):
    frontier = InAFile(tmp_path, Line())
    for number in range(300):
        frontier.push(numbered(number, start=bool(number % 3), host=HOSTS[number % 3]))
        assert frontier._held <= 6 + 4
    assert len(frontier) == len(list(drain(frontier))) == 300
    frontier.close()


class Taken(InAFile):
    """As it is: whoever takes a request acknowledges it."""

    pop = durable.DurableFrontier.pop


@settings(max_examples=40)
@given(
    deeds=st.lists(st.sampled_from(["push", "push", "pop", "done", "write"]), max_size=60),
    start=st.booleans(),
)
@pytest.mark.usefixtures("little_memory")
def test_what_was_taken_and_not_done_waits_again_after_a_crash(deeds, start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    frontier, taken, left = Taken(folder), [], set()
    for number, deed in enumerate(deeds):
        if deed == "push":
            frontier.push(numbered(number, start=start and bool(number % 2), priority=number % 2))
            left.add(number)
        elif deed == "pop" and len(frontier):
            taken.append(frontier.pop())
        elif deed == "done" and taken:
            request = taken.pop(0)
            frontier.acknowledge(frontier.hand_over(request))
            left.discard(number_of(request))
        elif deed == "write":
            frontier.write_all()
    frontier.write_all()
    frontier._file.close()
    again = InAFile(folder)
    assert sorted(drain(again)) == sorted(left)
    again.close()


def test_a_request_that_is_pushed_again_while_it_is_worked_on_is_two(tmp_path):
    frontier = Taken(tmp_path)
    request = numbered(1)
    frontier.push(request)
    first = frontier.hand_over(frontier.pop())
    frontier.push(request)
    second = frontier.hand_over(frontier.pop())
    frontier.acknowledge(first)
    assert second is not None
    assert frontier.close() == 1


def test_a_request_of_somebody_else_is_nobodys_business(tmp_path):
    frontier = Taken(tmp_path)
    assert frontier.hand_over(numbered(1)) is None
    assert frontier.pop() is None
    frontier.close()


FULL = {
    "method": "POST",
    "headers": {"X-Id": ["1", "2"], "Referer": "https://a.example/list"},
    "body": b"\x00\xff",
    "cookies": {"a": "b"},
    "meta": {"depth": 2, "pair": (1, b"2")},
    "encoding": "latin-1",
    "priority": -3,
    "dont_filter": True,
    "flags": ["seen"],
    "cb_kwargs": {"page": 2},
}


@pytest.mark.parametrize("kind", [Request, JsonRequest])
@pytest.mark.parametrize(
    "members",
    [
        {},
        FULL,
        {"headers": {"Referer": "https://a.example/"}},
        {"headers": {"Referer": "https://elsewhere.example/a"}},
        {"headers": {"Referer": ["one", "two"]}},
        {"headers": {"Referer": b"\xff"}},
        {"meta": {"text": "x" * 300}},
    ],
)
def test_a_request_comes_back_from_its_row_with_all_its_members(tmp_path, kind, members):
    file, spider = JobFile(tmp_path), Pages()
    rows = RequestRows(spider, file.db)
    request = kind("https://a.example/ü?q=1", callback=spider.parse_page, errback=spider.failed, **members)
    row = rows.row_of(request)
    file.transact(rows.write)
    file.close()
    file = JobFile(tmp_path)
    back = RequestRows(spider, file.db).request_of(row)
    file.close()
    assert type(back) is kind
    assert back.to_dict(spider=spider) == request.to_dict(spider=spider)


@given(st.text("ab/", max_size=6), st.text("ab/", max_size=6))
def test_a_referer_is_what_it_was(url, referer):
    rows = RequestRows(None, SimpleNamespace(execute=lambda question: ()))
    headers = {"Referer": f"https://a.example/{referer}"}
    request = Request(f"https://a.example/{url}", headers=headers)
    assert rows.request_of(rows.row_of(request)).headers == request.headers


def test_a_usual_request_takes_less_than_150_bytes_with_its_fingerprint(tmp_path):
    spider, file = Pages(), JobFile(tmp_path)
    seen = SeenInFile(file.db)
    frontier = durable.DurableFrontier(file, spider, lambda: None)
    headers = {"Referer": "https://www.host-0001.example/section/04/article-000000017.html"}
    for number in range(4000):
        url = f"https://www.host-0001.example/section/07/article-{number:09}.html"
        request = Request(url, spider.parse_page, headers=headers, meta={"depth": 3})
        frontier.push(request)
        seen.add(number.to_bytes(8, "little"))
        if number % 100 == 99:
            file.transact(frontier.write, seen.write)
            frontier.written()
            seen.written()
    file.close()
    assert file.path.stat().st_size < 150 * 4000


def test_fingerprints_are_known_before_and_after_they_are_written(tmp_path):
    file = JobFile(tmp_path)
    seen = SeenInFile(file.db)
    first, second = b"\xff" * 20, b"\x01" * 20
    seen.add(first)
    assert first in seen
    assert second not in seen
    file.transact(seen.write)
    seen.written()
    seen.add(second)
    again = SeenInFile(file.db)
    assert first in again
    assert second not in again
    assert sorted(seen) == sorted([first[:8], second[:8]])
    file.close()


def test_a_start_that_is_read_again_gives_what_is_new_as_often_as_it_gives_it(tmp_path):
    file = JobFile(tmp_path)
    start = StartInFile(file.db, file.state)
    a, b = b"a" * 20, b"b" * 20
    assert [start.is_new(each) for each in (a, a, b)] == [True, True, True]
    assert start.is_new_item()
    start.item_taken()
    file.transact(start.write)
    again = StartInFile(file.db, file.state)
    assert [again.is_new(each) for each in (a, b, a)] == [False, False, False]
    assert [again.is_new(a), again.is_new(a)] == [True, True]
    assert [again.is_new_item(), again.is_new_item()] == [False, True]
    file.transact(again.write)
    again.written()
    assert again.is_new(a)
    again.end()
    file.transact(again.write)
    assert again.is_over
    assert file.db.execute("SELECT count(*) FROM begun").fetchone() == (0,)
    file.close()


def test_what_could_not_be_written_as_a_whole_is_not_written(tmp_path):
    file = JobFile(tmp_path)

    def fails(db):
        db.execute("INSERT INTO seen VALUES(1)")
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        file.transact(fails)
    assert file.db.execute("SELECT count(*) FROM seen").fetchone() == (0,)
    file.close()
    with pytest.raises(RuntimeError, match="closed"):
        file.transact()


def test_a_file_is_opened_once(tmp_path):
    file = JobFile(tmp_path)
    with pytest.raises(UsageError, match="another crawl is at work"):
        JobFile(tmp_path)
    file.close()
    JobFile(tmp_path).close()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.write_bytes(b"no database, but long enough to be looked at" * 100), "is no file of a job"),
        (lambda path: _database(path, "PRAGMA user_version=7"), "another version of Shoal"),
        (lambda path: _database(path, "CREATE TABLE mine(a)"), "another version of Shoal"),
    ],
)
def test_a_file_of_somebody_else_is_refused_and_left_as_it_is(tmp_path, make, told):
    make(tmp_path / "job.sqlite")
    before = (tmp_path / "job.sqlite").read_bytes()
    with pytest.raises(UsageError, match=told):
        JobFile(tmp_path)
    assert (tmp_path / "job.sqlite").read_bytes()[100:] == before[100:]


def _database(path, statement):
    import sqlite3

    db = sqlite3.connect(path)
    db.execute(statement)
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
