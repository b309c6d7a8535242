"""`shoal report`: documents from journals, from hostile files, and from no journals at all."""

from __future__ import annotations

import argparse
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from output_stories import finish, open_port, scan_run, scan_stories, tell

from shoal.cli import report
from shoal.errors import MachineError, ShoalError, UsageError
from shoal.output import open_output, open_outputs

here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


def run_report(*words):
    parser = argparse.ArgumentParser()
    report.add_arguments(parser)
    return report.run(parser.parse_args([str(word) for word in words]))


@here
@given(scan_stories())
def test_a_report_from_the_stream_is_the_document_of_the_run(tmp_path, story):
    run, told = story
    for output in open_outputs([str(tmp_path / "a.json"), str(tmp_path / "a.jsonl")]):
        tell(output, run, told)
    run_report(tmp_path / "a.jsonl", "-o", tmp_path / "b.json", "-o", tmp_path / "b.jsonl")
    assert json.loads((tmp_path / "b.json").read_text()) == json.loads((tmp_path / "a.json").read_text())
    run_report(tmp_path / "b.jsonl", "-o", tmp_path / "c.json")
    assert (tmp_path / "c.json").read_text() == (tmp_path / "b.json").read_text()


def test_without_an_output_the_report_is_text(tmp_path, capfd):
    tell(open_output(str(tmp_path / "a.jsonl")), finish(scan_run(), {"open": 1}), [open_port()])
    assert run_report(tmp_path / "a.jsonl") == 0
    assert capfd.readouterr().out == "10.0.0.1:22  open  ssh  0.30 ms\n\n1 open; 2 hosts; 1.25 s\n"


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_forgiven(tmp_path, cut):
    path = tmp_path / "a.jsonl"
    tell(open_output(str(path)), finish(scan_run()), [open_port(), open_port(port=80)])
    path.write_bytes(path.read_bytes()[:-cut])
    run_report(path, "-o", tmp_path / "b.json")
    data = json.loads((tmp_path / "b.json").read_text())
    assert (data["how_ended"], data["problems"]) == ("completed" if cut == 1 else "killed", [])
    assert [port["port"] for port in data["hosts"][0]["ports"]] == [22, 80]


def test_a_spoilt_line_in_the_middle_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    tell(open_output(str(path)), finish(scan_run()), [open_port(), open_port(port=80)])
    lines = path.read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace('"port":22', '"port":"22"')
    path.write_text("".join(lines))
    run_report(path, "-o", tmp_path / "b.json")
    data = json.loads((tmp_path / "b.json").read_text())
    assert data["problems"] == [{"target": str(path), "reason": "unreadable-line", "count": 1}]
    assert [port["port"] for port in data["hosts"][0]["ports"]] == [80]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no journal of a run"),
        (b"hello\n", "is no journal of a run"),
        (b"\xff\xfe\x00", "is no journal of a run"),
        (b'{"type":"port"}\n', "is no journal of a run"),
        (b'{"type":"run","schema_version":1}\n', "is no journal of a run"),
        (b'{"type":"run","schema_version":2}\n', "written by a newer version"),
        (b"[" * 100_000, "is no journal of a run"),
    ],
)
def test_a_file_that_is_no_journal_is_one_sentence(tmp_path, content, words):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        run_report(path, "-o", tmp_path / "b.json")
    assert not (tmp_path / "b.json").exists()


def test_a_journal_that_cannot_be_read_is_one_sentence(tmp_path):
    with pytest.raises(MachineError, match=r"cannot read .*: No such file or directory \(ENOENT\)"):
        run_report(tmp_path / "none", "-o", tmp_path / "b.json")
    with pytest.raises(UsageError, match="is a directory"):
        run_report(tmp_path, "-o", tmp_path / "b.json")


def test_the_journal_is_never_its_own_report(tmp_path):
    path = tmp_path / "a.jsonl"
    tell(open_output(str(path)), finish(scan_run()), [open_port()])
    before = path.read_bytes()
    with pytest.raises(UsageError, match="is the journal itself"):
        run_report(path, "-o", path)
    assert path.read_bytes() == before


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@here
@given(st.data())
def test_no_line_however_hostile_breaks_a_report(tmp_path, data):
    path = tmp_path / "a.jsonl"
    tell(open_output(str(path)), finish(scan_run()), [open_port(), open_port(port=80)])
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    line = lines[data.draw(st.integers(0, len(lines) - 1))]
    line[data.draw(st.sampled_from(sorted(line)))] = data.draw(values)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outputs = [word for name in ("b.json", "b.csv", "b.xml", "b.txt") for word in ("-o", tmp_path / name)]
    try:
        run_report(path, *outputs)
    except ShoalError as problem:
        assert "\n" not in str(problem)
    else:
        json.loads((tmp_path / "b.json").read_text(), parse_constant=pytest.fail)
