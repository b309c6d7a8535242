"""The .jsonl stream: what a line holds, when it is in the file, and each thing once."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from output_stories import finish, open_port, ping_run, ping_stories, scan_run, scan_stories, tell

import shoal.output
from shoal.output import open_output
from shoal.scanner.result import DOWN, UP, HostReport, HostResult

SCHEMA = json.loads(Path(shoal.output.__file__).with_name("result.schema.json").read_text())
here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def validate(line):
    reference = {"$ref": f"#/$defs/{line['type']}_line", "$defs": SCHEMA["$defs"]}
    Draft202012Validator(reference).validate(line)


@here
@given(scan_stories() | ping_stories())
def test_every_line_is_described_by_the_schema(tmp_path, story):
    tell(open_output(str(tmp_path / "a.jsonl")), *story)
    written = lines(tmp_path / "a.jsonl")
    for line in written:
        validate(line)
    assert [line["type"] for line in (written[0], written[-1])] == ["run", "end"]


@here
@given(ping_stories())
def test_a_sweep_names_every_address_in_one_line(tmp_path, story):
    run, told = story
    tell(open_output(str(tmp_path / "a.jsonl")), run, told)
    addresses = [line["address"] for line in lines(tmp_path / "a.jsonl") if line["type"] == "host"]
    assert sorted(addresses) == sorted({item.address for item in told})


def test_what_was_flushed_is_in_the_file_while_the_run_goes_on(tmp_path):
    output = open_output(str(tmp_path / "a.jsonl"))
    run = scan_run()
    output.begin(run)
    assert [line["type"] for line in lines(tmp_path / "a.jsonl")] == ["run"]
    output.result(open_port(port=80))
    output.flush()
    assert lines(tmp_path / "a.jsonl")[1]["port"] == 80
    output.end(finish(run))


def test_a_run_without_any_flush_still_writes_in_good_time(tmp_path):
    output = open_output(str(tmp_path / "a.jsonl"))
    run = scan_run()
    output.begin(run)
    for port in range(1000):
        output.result(open_port(port=port))
    assert len(lines_until_now(tmp_path / "a.jsonl")) > 500
    output.end(finish(run))


def lines_until_now(path):
    return path.read_bytes().split(b"\n")


def test_names_are_in_the_line_of_a_live_host(tmp_path):
    told = [HostResult("10.0.0.7", UP, "echo-reply", 0.1), HostReport("10.0.0.9", (), DOWN, "no-response")]
    tell(open_output(str(tmp_path / "a.jsonl")), finish(ping_run()), told, {"10.0.0.7": ["printer.lan"]})
    assert [line["names"] for line in lines(tmp_path / "a.jsonl")[1:3]] == [["printer.lan"], []]


def test_a_stream_to_standard_output(capfd):
    tell(open_output("jsonl:-"), finish(scan_run()), [open_port()])
    out, err = capfd.readouterr()
    assert [json.loads(line)["type"] for line in out.splitlines()] == ["run", "port", "end"]
    assert err == ""


def test_a_second_run_replaces_the_file_of_the_first(tmp_path):
    for port in (22, 80):
        tell(open_output(str(tmp_path / "a.jsonl")), finish(scan_run()), [open_port(port=port)])
    assert [line.get("port") for line in lines(tmp_path / "a.jsonl")] == [None, 80, None]
