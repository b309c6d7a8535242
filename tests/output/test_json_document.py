"""The .json document against its schema, its order, and the values it was told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from output_stories import address_order, finish, open_port, ping_run, ping_stories, scan_run, scan_stories, tell

import shoal.output
from shoal.net.services import name as service_name
from shoal.output import open_output
from shoal.output.escape import encodable
from shoal.scanner.result import CLOSED, FILTERED, INTERRUPTED, UP, Folded, HostReport, HostResult, PortResult, Problem

SCHEMA = json.loads(Path(shoal.output.__file__).with_name("result.schema.json").read_text())
VALID = Draft202012Validator(SCHEMA)
here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def document(tmp_path, run, told, names=None):
    path = tmp_path / "result.json"
    tell(open_output(str(path)), run, told, names)
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.json"]
    return json.loads(path.read_text(encoding="ascii"))


def test_the_schema_itself_is_sound():
    Draft202012Validator.check_schema(SCHEMA)


@here
@given(scan_stories())
def test_a_scan_comes_back_as_it_was_told(tmp_path, story):
    run, told = story
    data = document(tmp_path, run, told)
    VALID.validate(data)
    reports = sorted((item for item in told if isinstance(item, HostReport)), key=lambda r: address_order(r.address))
    assert [host["address"] for host in data["hosts"]] == [report.address for report in reports]
    for host, report in zip(data["hosts"], reports, strict=True):
        assert host["names"] == [encodable(name) for name in report.names]
        assert (host["state"], host["reason"], host["rtt"]) == (report.state, report.reason, report.rtt)
        assert [port["service"] for port in host["ports"]] == [service_name(port.port) for port in report.ports]
        found = [
            PortResult(report.address, *(port[key] for key in ("port", "state", "reason", "rtt", "source")))
            for port in host["ports"]
        ]
        assert found == report.ports
        folded = [(entry["state"], entry["reason"], entry["count"]) for entry in host["not_shown"]]
        assert folded == [(entry.state, entry.reason, len(entry.ports)) for entry in report.folded]
    assert data["argv"] == [encodable(word) for word in run.argv]
    assert (data["how_ended"], data["signal"], data["duration"]) == (run.how_ended, run.signal, 1.25)


@here
@given(ping_stories())
def test_a_sweep_comes_back_as_it_was_told(tmp_path, story):
    run, told = story
    data = document(tmp_path, run, told)
    VALID.validate(data)
    expected = {item.address: (item.state, item.rtt, item.evidence) for item in told if isinstance(item, HostReport)}
    assert {host["address"]: (host["state"], host["rtt"], host["evidence"]) for host in data["hosts"]} == expected
    assert data["scanned"]["ports"] is None
    assert data["scanned"]["protocol"] is None


def test_the_text_is_stable_and_has_a_line_for_each_port(tmp_path):
    ports = [open_port(port=80), open_port(port=22)]
    folded = [Folded(CLOSED, "conn-refused", [2, 3, 5])]
    report = HostReport("10.0.0.1", ["gw"], UP, "syn-ack", 0.0003, ports, folded)
    run = finish(scan_run(1, "2-5,22,80", 6), {"open": 2, "closed": 3}, planned=6, settled=6)
    tell(open_output(str(tmp_path / "a.json")), run, [report])
    assert (tmp_path / "a.json").read_text() == Path(__file__).with_name("golden.json").read_text()


def test_a_run_without_any_host_is_a_valid_document(tmp_path):
    data = document(tmp_path, finish(scan_run()), [])
    VALID.validate(data)
    assert data["hosts"] == []


def test_ports_of_a_host_that_was_never_finished_are_in_the_document(tmp_path):
    filtered = PortResult("10.0.0.2", 23, FILTERED, "admin-prohibited", 0.1, "10.0.0.254")
    told = [open_port(port=80), open_port(port=22), filtered]
    run = finish(scan_run(), {"open": 2, "filtered": 1}, INTERRUPTED, 2, planned=2048, settled=3)
    data = document(tmp_path, run, told, names={"10.0.0.1": ["web"]})
    VALID.validate(data)
    first, second = data["hosts"]
    assert (first["names"], first["state"], [port["port"] for port in first["ports"]]) == (["web"], "up", [22, 80])
    assert (second["state"], second["reason"]) == ("unknown", "no-response")
    assert data["probes"] == {"planned": 2048, "settled": 3}


@pytest.mark.parametrize("names", [{}, {"10.0.0.7": ["printer.lan"]}])
def test_a_live_host_is_one_entry_with_the_names_it_was_given_by(tmp_path, names):
    told = [
        HostResult("10.0.0.7", UP, "echo-reply", 0.0004),
        HostReport("10.0.0.7", names.get("10.0.0.7", ()), UP, "echo-reply", 0.0004, evidence="icmp"),
    ]
    data = document(tmp_path, finish(ping_run(), {"up": 1, "down": 253}), told, names)
    VALID.validate(data)
    assert [(host["address"], host["names"]) for host in data["hosts"]] == [("10.0.0.7", names.get("10.0.0.7", []))]


def test_problems_are_named(tmp_path):
    run = finish(
        scan_run(), problems=[Problem("no.such.name", "name-not-found"), Problem("10.0.0.9", "no-route", 1024)]
    )
    data = document(tmp_path, run, [])
    VALID.validate(data)
    assert data["problems"][1] == {"target": "10.0.0.9", "reason": "no-route", "count": 1024}
