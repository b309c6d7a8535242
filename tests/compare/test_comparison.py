"""The measured comparison: the same results all ways, honest figures, and advice that follows from them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.cli import main
from shoal.compare.advice import Machine, advise
from shoal.compare.measure import Comparison, Row, compare
from shoal.compare.table import lines
from shoal.compare.variant import WAYS, Figures, Task, run
from shoal.compare.work import built_in, own, page, parse, read_inputs
from shoal.errors import UsageError

MACHINE = Machine(cores=2, lock=True, python="3.11")
OWN = """
import asyncio, os, time

def double(value):
    print("this is not an answer")
    if value == "bad":
        raise ValueError("not this one")
    return value * 2

def who(value):
    return [value, os.getpid()]

def leave(value):
    os._exit(3)

def always(value):
    raise OSError("never works")

async def waiting(value):
    await asyncio.sleep(0.01)
    return value + "!"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module of the user's, which is the current one."""
    (tmp_path / "of_mine.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("of_mine", None)


def figures(seconds: float, *, cpu: float = 1.0, start: float = 0.0, memory: int = 20_000_000) -> Figures:
    return Figures(seconds, start, cpu, memory, 10, "the same", 0, "")


def comparison(**seconds: tuple[float, float]) -> Comparison:
    """Rows from way -> (seconds, cpu)."""
    rows = [Row(way, 1 if way == "serial" else 2, [figures(s, cpu=cpu)]) for way, (s, cpu) in seconds.items()]
    return Comparison("work", 10, rows)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_results_of_one_after_another(way: str) -> None:
    expected = run(Task("cpu", "serial", 1, count=7))
    measured = run(Task("cpu", way, 3, count=7))

    assert measured.digest == expected.digest
    assert measured.failed == 0
    assert 0 <= measured.start <= measured.seconds
    assert measured.memory > 1_000_000


def test_more_carriers_than_inputs_are_not_made() -> None:
    assert run(Task("cpu", "threads", 50, count=2)).digest == run(Task("cpu", "serial", 1, count=2)).digest


def test_all_kinds_fetch_and_parse_the_same_pages_all_ways() -> None:
    for kind in ("io", "mixed"):
        found = compare(kind, [4], rounds=1, count=8)
        assert [row.problem for row in found.rows] == [""] * 4
        assert len({run.digest for row in found.rows for run in row.runs}) == 1


def test_what_is_parsed_is_really_in_the_page() -> None:
    text = page("cpu", 5)
    links, words = parse(text)
    assert links == text.count("<a href=")
    assert words == len(re.sub(r"<[^>]*>", " ", text).replace("&amp;", "&").split())


def test_waiting_is_shared_and_so_takes_less_time() -> None:
    found = compare("io", [8], rounds=1, count=16)
    serial, *others = found.rows
    assert serial.median("seconds") > 16 * 0.02
    assert min(row.median("seconds") for row in others) < serial.median("seconds") / 2


def test_an_own_function_is_called_with_each_line(here: Path) -> None:
    found = compare("of_mine:double", [2], rounds=1, inputs=["a", "bad", "c"])

    assert (found.inputs, found.failed, found.problem) == (3, 1, "")
    assert [row.problem for row in found.rows] == ["", "", "", "the function is not async def"]


def test_an_own_coroutine_function_is_awaited_all_ways(here: Path) -> None:
    found = compare("of_mine:waiting", [2], rounds=1, inputs=list("abcd"))

    assert [row.problem for row in found.rows] == [""] * 4
    coroutines = found.rows[-1]
    assert coroutines.median("seconds") < 4 * 0.01 + 0.5


def test_results_that_differ_are_wrong_and_their_times_count_for_nothing(here: Path) -> None:
    found = compare("of_mine:who", [2], rounds=1, inputs=["a"])

    assert not found.rows[-2].counts
    assert "wrong" in found.rows[-2].problem
    assert any("wrong" in line for line in lines(found))


def test_a_function_that_takes_its_process_down_is_reported_as_that(here: Path) -> None:
    found = compare("of_mine:leave", [2], rounds=1, inputs=["a", "b"])

    assert "status 3" in found.rows[0].problem
    assert "the worker process died (exit status 3)" in found.rows[2].problem
    assert found.problem == "no way of doing it came to an end"


def test_a_function_that_never_works_is_not_a_success(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "inputs.txt").write_text("a\nb\n")

    assert main(["compare", "of_mine:always", "--inputs", "inputs.txt", "--rounds", "1", "-n", "2"]) == 1
    assert "every call failed: OSError: never works" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nothing", "neither cpu, io, mixed nor module:function"),
        ("of_mine:", "neither"),
        ("no_such_module:f", "cannot import 'no_such_module'"),
        ("of_mine:nobody", "has no function 'nobody'"),
        ("of_mine:OWN", "has no function 'OWN'"),
    ],
)
def test_work_that_cannot_be_had_is_named(here: Path, name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        own(name, ["a"])


@given(st.lists(st.one_of(st.integers(), st.text(), st.none(), st.lists(st.booleans())), min_size=1))
def test_json_lines_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, values: list[object]) -> None:
    path = tmp_path_factory.mktemp("inputs") / "values.jsonl"
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    assert read_inputs(str(path)) == values


def test_inputs_that_cannot_be_read_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("1\nnot json\n")
    (tmp_path / "empty.txt").write_text("")
    for name, sentence in (
        ("bad.jsonl", "line 2 is not JSON"),
        ("empty.txt", "holds no input"),
        ("none", "cannot read"),
    ):
        with pytest.raises(UsageError, match=sentence):
            read_inputs(str(tmp_path / name))


@pytest.mark.parametrize(
    "words",
    [
        ["cpu", "-n", "0"],
        ["cpu", "-n", "2,x"],
        ["cpu", "--rounds", "0"],
        ["cpu", "--count", "0"],
        ["cpu", "--inputs", "file"],
        ["of_mine:double"],
        ["cpu", "-o", "picture.bmp"],
        ["cpu", "-o", "nowhere/picture.png"],
    ],
)
def test_bad_words_get_one_sentence_before_anything_is_measured(
    words: list[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err


def test_the_advice_for_computing_is_processes_because_of_the_lock() -> None:
    found = comparison(
        serial=(1.0, 1.0), threads=(1.0, 1.0), processes=(0.5, 1.0), coroutines=(1.0, 1.0)
    )  # fmt: skip
    said = " ".join(advise(found, MACHINE))
    assert "choose 2 processes: 2.0 times" in said
    assert "take turns at the interpreter lock" in said
    assert "Coroutines gain nothing" in said
    assert "2 cores set the limit" in said


def test_the_advice_for_waiting_is_the_simplest_that_is_fast() -> None:
    found = comparison(
        serial=(1.0, 0.05), threads=(0.1, 0.05), processes=(0.1, 0.1), coroutines=(0.105, 0.02)
    )  # fmt: skip
    said = " ".join(advise(found, MACHINE))
    assert "choose 2 coroutines" in said
    assert "waits 95% of its time" in said


def test_threads_that_gain_at_computing_are_explained_by_what_was_measured() -> None:
    found = comparison(serial=(1.0, 1.0), threads=(0.5, 1.0))
    assert "lets go of the interpreter lock" in " ".join(advise(found, MACHINE))
    assert "the lock is off" in " ".join(advise(found, Machine(2, lock=False, python="3.14t")))
    assert "not async def" in " ".join(advise(found, MACHINE))


def test_when_nothing_gains_one_after_another_is_advised() -> None:
    found = comparison(serial=(1.0, 1.0), threads=(0.9, 1.0), processes=(0.95, 1.0))
    assert advise(found, MACHINE)[0] == "work: choose one after another; nothing else is clearly faster."


def test_the_command_prints_a_table_and_writes_documents_that_need_no_network(tmp_path: Path) -> None:
    names = ("out.json", "out.html", "out.png", "out.svg")
    files = [word for name in names for word in ("-o", str(tmp_path / name))]
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "shoal",
            "compare",
            "cpu",
            "mixed",
            "--count",
            "6",
            "--rounds",
            "2",
            "-n",
            "2,3",
            *files,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("serial") >= 2
    assert "choose" in ended.stdout

    document = json.loads((tmp_path / "out.json").read_text())
    assert document["schema"] == "shoal-compare/1"
    assert [work["work"] for work in document["works"]] == ["cpu", "mixed"]
    rows = document["works"][0]["rows"]
    assert [(row["way"], row["n"]) for row in rows] == [
        ("serial", 1),
        *((way, n) for way in ("threads", "processes", "coroutines") for n in (2, 3)),
    ]
    assert {len(row["runs"]) for row in rows} == {2}

    html = (tmp_path / "out.html").read_text()
    assert not re.search(r"<(script|link)[^>]+(src|href)=", html)
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert "2 processes" in (tmp_path / "out.svg").read_text()


def test_built_in_work_is_the_same_each_time() -> None:
    first, second = (built_in("mixed", "http://127.0.0.1:1", count=3) for _ in range(2))
    assert list(first.inputs) == list(second.inputs)
    assert page("mixed", 2) == page("mixed", 2) != page("mixed", 3)
