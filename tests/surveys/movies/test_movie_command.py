"""`shoal survey movies` from end to end, against the practice board: real processes, and kill -9."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import time

import pytest

from shoal.lab.practice import Lab

PATIENCE = 60  # seconds


WORDS = ("survey", "movies", "--delay", "0", "--pause", "0.05", "--base-url")


@pytest.fixture
def movies(call):
    """Calls the command, in this process."""
    return lambda lab, *words: call(*WORDS, lab.films.url, *words)


def stored(folder, query="select rank from films order by rank"):
    if not (folder / "surveys.db").exists():
        return []
    database = sqlite3.connect(folder / "surveys.db")  # not read-only: what a kill has left half done is rolled back
    try:
        return [row[0] if len(row) == 1 else row for row in database.execute(query)]
    except sqlite3.OperationalError:  # no table yet
        return []
    finally:
        database.close()


@pytest.mark.parametrize("model", ["async", "thread", "proc"])
def test_the_hundred_films_are_printed_and_written_under_every_model(begin, tmp_path, model):
    with Lab("films") as lab:
        process = begin(*WORDS, lab.films.url, "-m", model, "-w", "films.json", "-w", "films.csv")
        out, said = process.communicate(timeout=PATIENCE)
        assert (process.returncode, said) == (0, "100 of 100 films\n")
        films = json.loads((tmp_path / "films.json").read_text("utf-8"))
        assert [(film["rank"], film["title"]) for film in films] == [
            (one.rank, one.title) for one in lab.films.site.films
        ]
    with (tmp_path / "films.csv").open(newline="", encoding="utf-8") as file:
        assert [row["stars"].split(",") for row in csv.DictReader(file)] == [film["stars"] for film in films]
    assert len(out.splitlines()) == 101
    assert stored(tmp_path) == list(range(1, 101))


def test_a_check_page_is_never_a_success(movies, tmp_path):
    with Lab("films", mode="films=closed") as lab:
        done = movies(lab, "-m", "async", "--tries", "2", "-w", "films.json", "--chart", "films.svg")
    assert done.returncode == 3
    assert "missing: ranks 1-10 (offset 0): refused: refused 2 times: a check page (猫眼验证中心)" in done.stderr
    assert "\n0 of 100 films\nno chart: " in done.stderr
    assert json.loads((tmp_path / "films.json").read_text()) == []
    assert stored(tmp_path, "select status from runs") == ["failed"]


def test_worn_out_cookies_a_lost_page_and_a_missing_score(movies, tmp_path):
    with Lab("films", mode="films=worn+gone+scoreless") as lab:
        done = movies(lab)
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "missing: ranks 41-50 (offset 40): gone: a page that says it does not exist",
        "without a score: rank 37",
        "90 of 100 films",
    ]
    assert stored(tmp_path) == [rank for rank in range(1, 101) if not 41 <= rank <= 50]


def test_a_killed_run_is_gone_on_with(begin, movies, tmp_path):
    with Lab("films", latency=0.15) as lab:
        first = begin(*WORDS, lab.films.url, "-m", "async", "--delay", "0.1")
        end = time.monotonic() + PATIENCE
        while len(stored(tmp_path)) < 20 and time.monotonic() < end and first.poll() is None:
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        before = stored(tmp_path)
        assert 20 <= len(before) < 100
        asked = lab.films.observed.counts["board"]
        done = movies(lab, "-m", "async")
        assert done.returncode == 0
        assert lab.films.observed.counts["board"] - asked == 10 - len(before) // 10
    assert stored(tmp_path) == list(range(1, 101))
    assert stored(tmp_path, "select status from runs order by id") == ["killed", "done"]


def test_a_dry_run_asks_nothing_and_makes_no_file(movies, tmp_path):
    with Lab("films") as lab:
        done = movies(lab, "--dry-run")
        assert lab.films.observed.requests == 0
    assert done.returncode == 0
    assert done.stdout.count("would ask") == 10
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-w", "films.xls"], "-w films.xls: a file ends in .json, .jsonl, .csv"),
        (["-w", "no/films.json"], "there is no folder no"),
        (["--base-url", "films"], "not the address of a site"),
        (["--chart", "films.gif"], "a chart is"),
    ],
)
def test_a_mistake_is_one_sentence(movies, words, said):
    with Lab("films") as lab:
        done = movies(lab, *words)
        assert lab.films.observed.requests == 0
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_shows_how_far_it_is(begin):
    ours, theirs = os.openpty()
    try:
        with Lab("films", latency=0.05) as lab:
            environment = {**os.environ, "TERM": "xterm"}
            words = (*WORDS, lab.films.url, "-m", "async", "--delay", "0.05")
            process = begin(*words, stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
            assert process.wait(PATIENCE) == 0
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "films 50/100 ETA 0:0" in shown
