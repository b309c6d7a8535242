"""Nothing found is lost: kill -9 at any moment, a disk that is full."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import shoal.output
from shoal.cli.report import run as report
from shoal.output.as_json import document
from shoal.output.collect import Collector
from shoal.output.journal import read
from shoal.output.records import KILLED

WRITER = """
import sys
from shoal.output import open_outputs
from shoal.scanner.result import Folded, HostReport, PortResult, Run
run = Run("scan", ["x"], "0.1.0", ["10.0.0.0/8"], [], 1 << 24, "1-3", 3, started="2025-01-02T03:04:05Z")
outputs = open_outputs(sys.argv[1:])
for output in outputs:
    output.begin(run)
for number in range(1, 1000):
    address = f"10.0.{number >> 8}.{number & 255}"
    found = PortResult(address, 80, "open", "syn-ack", 0.001)
    whole = HostReport(address, [], "up", "syn-ack", 0.001, [found], [Folded("closed", "conn-refused", [1, 2])])
    for output in outputs:
        output.result(found)
        if number % 3 == 0:
            output.host(whole)
        output.flush()
    print(address.ljust(4000), flush=True)  # a pipe holds 16 of these: the writer cannot run far ahead
run.how_ended = "completed"
for output in outputs:
    output.end(run)
"""


def killed_after(python, directory, lines, *more):
    """Let a child write and kill it once it said so many addresses are safe; returns all it has said."""
    arguments = [python, "-c", WRITER, *(str(directory / name) for name in ("a.json", "b.jsonl", "c.csv", "d.xml"))]
    with subprocess.Popen([*arguments, *more], stdout=subprocess.PIPE, text=True) as child:
        said = [child.stdout.readline().strip() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read().split()
    return said


class Arguments:
    def __init__(self, journal, output):
        self.journal = str(journal)
        self.output = [str(path) for path in output]


@pytest.mark.parametrize("lines", sorted(random.Random(7).sample(range(1, 960), 12)))
def test_kill_at_any_moment_loses_nothing_that_was_reported(tmp_path, python, lines):
    said = killed_after(python, tmp_path, lines)
    assert not (tmp_path / "a.json").exists()
    for source in (tmp_path / ".a.json.journal", tmp_path / "b.jsonl"):
        copies = [tmp_path / name for name in ("copy.json", "copy.csv", "copy.xml", "copy.txt", "copy.jsonl")]
        assert report(Arguments(source, copies)) == 0
        data = json.loads((tmp_path / "copy.json").read_text())
        assert data["how_ended"] == KILLED
        found = [host["address"] for host in data["hosts"] if host["ports"][0]["port"] == 80]
        assert set(said) <= set(found)
        assert len(found) <= len(said) + 1
        for path in copies:
            assert said[0] in path.read_text()


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"cannot mount a small file system: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_once_and_every_line_before_it_is_whole(tiny_disk, python):
    child = subprocess.run(
        [python, "-c", WRITER, str(tiny_disk / "a.json")], capture_output=True, text=True, check=False
    )
    assert "MachineError: cannot write" in child.stderr
    assert "No space left on device (ENOSPC)" in child.stderr
    _, found = recovered(tiny_disk / ".a.json.journal")
    said = child.stdout.split()
    assert len(said) > 50
    assert set(said) <= {host["address"] for host in found}


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
"""


def test_a_stream_ends_in_a_whole_line_when_no_more_may_be_written(tmp_path, python):
    path = tmp_path / "a.jsonl"
    child = subprocess.run([python, "-c", LIMITED + WRITER, str(path)], capture_output=True, text=True, check=False)
    assert "MachineError: cannot write" in child.stderr
    text = path.read_text()
    assert text.endswith("}\n")
    assert 19_000 < len(text) <= 20_000
    assert {json.loads(line)["type"] for line in text.splitlines()} == {"run", "port", "host"}


FULL_AT_THE_END = """
import resource
import sys
from shoal.errors import MachineError
from shoal.output import open_outputs
from shoal.scanner.result import PortResult, Run
[output] = open_outputs(sys.argv[1:])
run = Run("scan", ["x"], "0.1.0", ports_per_address=1, started="2025-01-02T03:04:05Z")
output.begin(run)
output.result(PortResult("10.0.0.1", 80, "open", "syn-ack", 0.001))
output.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
try:
    output.result(PortResult("10.0.0.2", 80, "open", "syn-ack", 0.001))
    output.flush()
    sys.exit("there was room")
except MachineError:
    pass
run.how_ended = "interrupted"
try:
    output.end(run)
except MachineError as problem:
    print(problem)
"""


def test_a_document_that_finds_no_room_says_where_the_results_are(tmp_path, python):
    child = subprocess.run(
        [python, "-c", FULL_AT_THE_END, "a.json"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert child.stdout == (
        "cannot write a.json: File too large (EFBIG); "
        "everything found is in .a.json.journal: shoal report .a.json.journal -o FILE\n"
    )
    assert os.listdir(tmp_path) == [".a.json.journal"]


def recovered(path):
    found = Collector()
    frame = read(str(path), found.take)
    hosts = list(found.hosts())
    json.loads("".join(document(frame, hosts)))
    return frame, hosts


def test_the_killed_document_fits_the_schema(tmp_path, python):
    killed_after(python, tmp_path, 5)
    report(Arguments(tmp_path / "b.jsonl", [tmp_path / "copy.json"]))
    schema = json.loads(Path(shoal.output.__file__).with_name("result.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads((tmp_path / "copy.json").read_text()))


@pytest.mark.parametrize("blocks", range(6))
def test_kill_while_the_documents_are_written_leaves_the_journal_or_all_of_them(tmp_path, python, blocks):
    arguments = [python, "-c", WRITER, *(str(tmp_path / name) for name in ("a.json", "c.csv", "d.xml"))]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        said = [child.stdout.readline().strip() for _ in range(999)]
        for _ in range(blocks * 200):  # a little later each time
            os.stat(tmp_path)
        child.kill()
    journal = tmp_path / ".a.json.journal"
    if journal.exists():
        assert report(Arguments(journal, [tmp_path / "a.json", tmp_path / "c.csv", tmp_path / "d.xml"])) == 0
    assert {host["address"] for host in json.loads((tmp_path / "a.json").read_text())["hosts"]} == set(said)
    assert (tmp_path / "c.csv").read_text().count("\n") == 1000
    assert (tmp_path / "d.xml").read_text().endswith("</nmaprun>\n")
