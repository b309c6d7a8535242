"""Documents are complete or untouched, and the journal is there exactly as long as it is needed."""

from __future__ import annotations

import json
import os
import stat
import threading

import pytest
from output_stories import finish, open_port, scan_run, tell

from shoal.errors import MachineError, UsageError
from shoal.output import on_stdout, open_output, open_outputs
from shoal.output.documents import Documents
from shoal.output.files import Growing, replace


def names(directory):
    return sorted(entry.name for entry in directory.iterdir())


def failing(_frame, hosts):
    yield "half of it"
    list(hosts)
    raise OSError(28, "No space left on device")


def test_until_the_end_everything_is_in_the_journal_and_the_old_document_stays(tmp_path):
    path = tmp_path / "result.json"
    path.write_text("old")
    output = open_output(str(path))
    run = scan_run()
    output.begin(run)
    output.result(open_port())
    output.flush()
    assert names(tmp_path) == [".result.json.journal", "result.json"]
    assert path.read_text() == "old"
    journal = [json.loads(line) for line in (tmp_path / ".result.json.journal").read_text().splitlines()]
    assert [line["type"] for line in journal] == ["run", "port"]
    output.end(finish(run))
    assert names(tmp_path) == ["result.json"]
    assert json.loads(path.read_text())["hosts"][0]["address"] == "10.0.0.1"


def test_a_document_that_cannot_be_written_leaves_the_old_one_and_the_journal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text("old")
    [good] = open_outputs(["b.csv"])
    documents = Documents([("a.json", failing), *good._wanted])
    with pytest.raises(MachineError) as problem:
        tell(documents, finish(scan_run()), [open_port()])
    assert str(problem.value) == (
        "cannot write a.json: No space left on device (ENOSPC); "
        "everything found is in .a.json.journal: shoal report .a.json.journal -o FILE"
    )
    assert names(tmp_path) == [".a.json.journal", "a.json", "b.csv"]
    assert (tmp_path / "a.json").read_text() == "old"
    assert "10.0.0.1" in (tmp_path / "b.csv").read_text()


def test_a_full_journal_is_told_by_flush_and_costs_no_document(tmp_path, monkeypatch):
    output = open_output(str(tmp_path / "a.json"))
    output.begin(scan_run())
    journal = (tmp_path / ".a.json.journal").stat()
    real = os.write

    def full(fd, data):
        if os.fstat(fd).st_ino == journal.st_ino:
            raise OSError(28, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr(os, "write", full)
    for number in range(1000):  # more than is held back
        output.result(open_port(port=number))
    with pytest.raises(MachineError, match="ENOSPC"):
        output.flush()
    output.result(open_port(port=1000))
    output.flush()
    output.end(finish(scan_run()))
    assert names(tmp_path) == ["a.json"]
    assert len(json.loads((tmp_path / "a.json").read_text())["hosts"][0]["ports"]) == 1001


class SecondSignal(BaseException):
    """What a signal handler raises."""


@pytest.mark.parametrize("written", [0, 7, 40, 10_000])
def test_a_signal_in_the_middle_of_a_write_neither_loses_nor_doubles_a_line(tmp_path, monkeypatch, written):
    file = Growing(str(tmp_path / "a"))
    lines = [f"line {number}\n" for number in range(10)]
    for line in lines:
        file.add(line)
    real = os.write

    def interrupted(fd, data):
        real(fd, data[:written])
        raise SecondSignal

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(SecondSignal):
        file.flush()
    monkeypatch.setattr(os, "write", real)
    file.add("last\n")
    file.close()
    assert (tmp_path / "a").read_text() == "".join(lines) + "last\n"


def test_an_output_that_never_began_touches_nothing(tmp_path):
    (tmp_path / "a.json").write_text("old")
    (tmp_path / "a.jsonl").write_text("old")
    for name in ("a.json", "a.jsonl"):
        open_output(str(tmp_path / name)).end(finish(scan_run()))
        assert (tmp_path / name).read_text() == "old"


def test_a_journal_of_an_earlier_run_is_kept_and_mentioned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".a.json.journal").write_text("precious")
    output = open_output("a.json")
    tell(output, finish(scan_run()), [])
    assert (tmp_path / ".a.json.journal").read_text() == "precious"
    assert names(tmp_path) == [".a.json.journal", "a.json"]
    [note] = output.notes
    assert note.endswith("has its results in .a.json.journal: shoal report .a.json.journal -o FILE")


def test_two_runs_at_once_do_not_share_a_journal(tmp_path):
    outputs = [open_output(str(tmp_path / "a.json")) for _ in range(2)]
    for output in outputs:
        output.begin(scan_run())
    assert names(tmp_path) == [".a.json.1.journal", ".a.json.journal"]
    for output in outputs:
        output.end(finish(scan_run()))
    assert names(tmp_path) == ["a.json"]


def test_a_link_keeps_pointing_and_a_mode_is_kept(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.json").write_text("old")
    (real / "a.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to(real / "a.json")
    tell(open_output(str(tmp_path / "link.json")), finish(scan_run()), [])
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((real / "a.json").read_text())["tool"] == "shoal"
    assert stat.S_IMODE((real / "a.json").stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_every_other_file_has(tmp_path):
    before = os.umask(0o027)
    try:
        tell(open_output(str(tmp_path / "a.json")), finish(scan_run()), [])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


def test_a_fifo_is_written_to_and_not_replaced(tmp_path):
    fifo = tmp_path / "a.json"
    os.mkfifo(fifo)
    read = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()))
    reader.start()
    tell(open_output(str(fifo)), finish(scan_run()), [])
    reader.join()
    assert json.loads(read[0])["tool"] == "shoal"
    assert names(tmp_path) == ["a.json"]


def test_a_name_of_the_greatest_length_is_not_changed(tmp_path):
    name = "x" * 250 + ".json"
    tell(open_output(str(tmp_path / name)), finish(scan_run()), [])
    assert names(tmp_path) == [name]


def test_replace_leaves_nothing_behind_when_a_piece_fails(tmp_path):
    (tmp_path / "a").write_text("old")

    def pieces():
        yield "new"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace(str(tmp_path / "a"), pieces())
    assert (names(tmp_path), (tmp_path / "a").read_text()) == (["a"], "old")


def test_a_document_on_standard_output(capfd):
    tell(open_output("csv:-"), finish(scan_run()), [open_port("10.0.0.2"), open_port("10.0.0.1")])
    out, err = capfd.readouterr()
    assert [line.split(",")[0] for line in out.splitlines()] == ["address", "10.0.0.1", "10.0.0.2"]
    assert err == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("result", "must end in one of .csv, .json, .jsonl, .txt, .xml"),
        ("result", "did you mean result.json?"),
        ("result.yaml", "cannot tell the format"),
        ("", "cannot tell the format"),
        ("json:", "cannot tell the format"),
        ("yaml:-", "cannot tell the format"),
        ("missing/a.json", "there is no directory"),
        ("folder.json", "it is a directory"),
    ],
)
def test_a_wrong_output_is_one_sentence_before_anything_is_probed(tmp_path, monkeypatch, text, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(UsageError) as problem:
        open_outputs([text])
    assert words in str(problem.value)
    assert names(tmp_path) == ["folder.json"]


@pytest.mark.parametrize("texts", [["a.json", "./a.json"], ["json:-", "csv:-"]])
def test_one_place_cannot_hold_two_outputs(tmp_path, monkeypatch, texts):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="can hold one output only"):
        open_outputs(texts)


def test_a_directory_that_may_not_be_written_is_said_before_anything_is_probed(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != str(tmp_path))  # root may write anywhere
    with pytest.raises(MachineError, match=r"cannot write .*a\.json: no permission to write to"):
        open_output(str(tmp_path / "a.json"))


@pytest.mark.parametrize(
    ("text", "kind"), [("A.JSON", "json"), ("json:a.b", "json"), ("xml:a:b", "xml"), ("scan-10:30.csv", "csv")]
)
def test_the_format_is_told_by_suffix_or_prefix(tmp_path, monkeypatch, text, kind):
    monkeypatch.chdir(tmp_path)
    [output] = open_outputs([text])
    [(path, document)] = output._wanted
    assert document.__module__ == f"shoal.output.as_{kind}"
    assert path == text.removeprefix(f"{kind}:")


def test_standard_output_is_the_terminals_unless_a_format_asks_for_it():
    assert open_outputs(["-"]) == []
    assert not on_stdout(["-", "a.json"])
    assert on_stdout(["a.csv", "json:-"])


def test_another_package_may_bring_a_format(tmp_path, monkeypatch):
    (tmp_path / "other_format.py").write_text("def document(frame, hosts):\n    yield frame['tool']\n")
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[shoal.outputs]\nother = other_format\n")
    monkeypatch.syspath_prepend(tmp_path)
    tell(open_output(str(tmp_path / "a.other")), finish(scan_run()), [])
    assert (tmp_path / "a.other").read_text() == "shoal"
