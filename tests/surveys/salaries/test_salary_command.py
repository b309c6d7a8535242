"""`shoal survey salaries` as a process: what it prints, how it ends, and what a kill leaves behind."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import time

import pytest

from shoal.lab.practice import Lab

QUICK = ("--delay", "0", "--pause", "0.1")


def finish(process):
    try:
        out, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    return process.returncode, out, err


def jobs(folder, name="surveys.db"):
    connection = sqlite3.connect(folder / name)
    try:
        return connection.execute("SELECT city, title, salary FROM salaries").fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def test_the_whole_survey_from_the_request_to_the_picture(begin, tmp_path):
    with Lab("jobs") as lab:
        status, out, err = finish(
            begin("survey", "salaries", "--base-url", lab.jobs.url, *QUICK, "--limit", "30", "--chart", "s.svg")
        )
    assert status == 0, err
    assert [line.split()[:2] for line in out.splitlines()[2:]] == [
        ["北京", "30"],
        ["上海", "30"],
        ["广州", "30"],
        ["深圳", "30"],
    ]
    assert "深圳: 30 jobs" in err
    assert len(set(jobs(tmp_path))) == 120
    assert (tmp_path / "s.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_dry_run_sends_nothing_and_stores_nothing(call, tmp_path):
    with Lab("jobs") as lab:
        status, out, _ = call("survey", "salaries", "--base-url", lab.jobs.url, "--city", "北京", "--dry-run")
        assert lab.jobs.observed.requests == 0
    assert status == 0
    assert "北京: 0 of 100 jobs are stored; at least 7 pages of" in out
    assert list(tmp_path.iterdir()) == []


def test_a_city_that_cannot_be_surveyed_makes_the_status_3(call):
    words = ("--city", "北京", "--pause", "0.01", "--delay", "0", "--tries", "2", "--chart", "nothing.svg")
    with Lab("jobs", mode="jobs=always-2402") as lab:
        status, _, err = call("survey", "salaries", "--base-url", lab.jobs.url, *words)
    assert status == 3
    assert "北京: 0 of 100 jobs, refused: refused 2 times in a row: 您操作太频繁,请稍后再访问 (state 2402)" in err
    assert "no chart: surveys.db holds no salaries" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("model", ["thread", "proc"])
def test_kill_9_at_any_moment_and_again_loses_no_row_and_stores_none_twice(begin, tmp_path, model):
    """Killed again and again after a growing number of pages, until a run comes to its end."""
    words = ("--city", "北京", "--city", "上海", "--limit", "60", "--delay", "0.02", "--pause", "0.05", "-m", model)
    with Lab("jobs", latency=0.01) as lab:
        before, kills = set(), 0
        for pages in (2, 4, 7):
            process = begin("survey", "salaries", "--base-url", lab.jobs.url, *words)
            start = lab.jobs.observed.counts["data pages"]
            while lab.jobs.observed.counts["data pages"] < start + pages and process.poll() is None:
                time.sleep(0.002)
            process.kill()
            kills += finish(process)[0] == -signal.SIGKILL
            now = jobs(tmp_path)
            assert len(now) == len(set(now))
            assert before <= set(now)
            before = set(now)
        assert kills >= 2
        assert finish(begin("survey", "salaries", "--base-url", lab.jobs.url, *words))[0] == 0
        truth = {job.key for city in ("北京", "上海") for job in lab.jobs.site.truth("Python", city)}
    found = jobs(tmp_path)
    assert len(found) == len(set(found)) == 120
    assert set(found) <= truth
    assert before <= set(found)
    connection = sqlite3.connect(tmp_path / "surveys.db")
    ended = [status for (status,) in connection.execute("SELECT status FROM runs ORDER BY id")]
    connection.close()
    assert ended[-1] == "done"
    assert set(ended[:-1]) <= {"killed", "done"}


@pytest.mark.parametrize(
    ("number", "status", "model"),
    [(signal.SIGINT, 130, "thread"), (signal.SIGTERM, 143, "async"), (signal.SIGTERM, 143, "proc")],
)
def test_a_signal_in_a_long_pause_ends_it_soon_and_what_came_is_stored(begin, tmp_path, number, status, model):
    with Lab("jobs", options={"jobs": {"budget": 2}}) as lab:
        words = ("--city", "北京", "--delay", "0", "--pause", "600", "-m", model)
        process = begin("survey", "salaries", "--base-url", lab.jobs.url, *words)
        while not lab.jobs.observed.refusals:
            time.sleep(0.005)
        while len(jobs(tmp_path)) < 15:
            time.sleep(0.01)
        process.send_signal(number)
        began = time.monotonic()
        code, _, err = finish(process)
        assert time.monotonic() - began < 20
    assert code == status, err
    assert "Traceback" not in err
    assert 15 <= len(jobs(tmp_path)) <= 30
    connection = sqlite3.connect(tmp_path / "surveys.db")
    assert connection.execute("SELECT status FROM runs").fetchall() == [("interrupted",)]
    connection.close()


def test_progress_with_the_time_that_is_left_is_shown_on_a_terminal_and_taken_away(begin):
    ours, theirs = pty.openpty()
    with Lab("jobs", latency=0.05) as lab:
        words = ("--city", "北京", *QUICK, "--limit", "60")
        environment = {**os.environ, "TERM": "xterm"}
        process = begin("survey", "salaries", "--base-url", lab.jobs.url, *words, stderr=theirs, env=environment)
        os.close(theirs)
        assert process.communicate(timeout=60) is not None
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    text = shown.decode()
    assert re.search(r"北京 \d+/60 ETA \d:\d\d", text)
    assert "\r\x1b[K北京: 60 jobs" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--base-url", "ftp://x"), "--base-url: 'ftp://x' is not the address of a site"),
        (("--base-url", "http://h/?q=1"), "is not the address of a site"),
        (("--limit", "0"), "'0' is not a whole number from 1 to 3,000"),
        (("--delay", "soon"), "'soon' is not a number of seconds"),
        (("--db", "oracle://x/y"), "oracle:// is not a database Shoal knows"),
        (("--chart", "x.pdf"), "x.pdf: a chart is .html, .svg, .png"),
        (("--city", " "), "a city has a name"),
        (("--resume", "--fresh"), "not allowed with"),
        (("-m", "fork"), "invalid choice"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(call, words, said):
    status, out, err = call("survey", "salaries", "--base-url", "http://127.0.0.1:9", *words)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_an_unknown_survey_is_told(call):
    status, _, err = call("survey", "wages")
    assert status == 2
    assert "salaries" in err
