"""The .csv and .txt documents."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from output_stories import NASTY, finish, open_port, ping_run, scan_run, scan_stories, tell

from shoal.output import open_output, open_outputs
from shoal.output.escape import cell
from shoal.scanner.result import (
    CLOSED,
    DOWN,
    FILTERED,
    INTERRUPTED,
    UP,
    Folded,
    HostReport,
    HostResult,
    PortResult,
    Problem,
)

here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


@here
@given(scan_stories())
def test_csv_has_a_row_for_each_listed_port_and_each_host_without_one(tmp_path, story):
    run, told = story
    tell(open_output(str(tmp_path / "a.csv")), run, told)
    table = rows(tmp_path / "a.csv")
    reports = {item.address: item for item in told if isinstance(item, HostReport)}
    expected = sum(max(1, len(report.ports)) for report in reports.values())
    assert len(table) == expected
    for row in table:
        report = reports[row["address"]]
        assert row["names"] == cell(" ".join(report.names))
        if row["port"]:
            port = next(result for result in report.ports if result.port == int(row["port"]))
            assert (row["state"], row["reason"]) == (port.state, port.reason)
            assert row["rtt"] == ("" if port.rtt is None else f"{port.rtt:.6f}")
        else:
            assert (report.ports, row["state"]) == ([], report.state)


@pytest.mark.parametrize("name", NASTY)
def test_no_cell_begins_a_formula_and_no_line_is_broken(tmp_path, name):
    report = HostReport("10.0.0.1", [name], UP, "syn-ack", 0.1, [open_port()])
    tell(open_output(str(tmp_path / "a.csv")), finish(scan_run()), [report])
    [row] = rows(tmp_path / "a.csv")
    assert not row["names"].startswith(("=", "+", "-", "@", "\t", "\r"))
    data = (tmp_path / "a.csv").read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert b"\x1b" not in data


def test_txt_is_what_the_terminal_shows_in_order_of_addresses(tmp_path):
    blocked = PortResult("10.0.0.10", 23, FILTERED, "admin-prohibited", 0.25, "10.0.0.254")
    told = [
        HostReport("10.0.0.10", ["b"], UP, "syn-ack", 0.1, [blocked], [Folded(CLOSED, "conn-refused", range(1, 23))]),
        HostReport("10.0.0.9", [], UP, "syn-ack", 0.00004, [open_port("10.0.0.9", rtt=0.00004)]),
        HostReport("::1", [], UP, "syn-ack", 0.0123, [open_port("::1", 65535, 0.0123)]),
    ]
    counts = {"open": 2, "filtered": 1, "closed": 1019}
    run = finish(
        scan_run(3), counts, INTERRUPTED, 2, planned=3072, settled=1022, problems=[Problem("a\x07b", "name-not-found")]
    )
    tell(open_output(str(tmp_path / "a.txt")), run, told)
    assert (tmp_path / "a.txt").read_text().splitlines() == [
        "10.0.0.9:22  open  ssh  0.04 ms",
        "10.0.0.10:23  filtered  telnet  250 ms  admin-prohibited from 10.0.0.254  b",
        "[::1]:65535  open  -  12.3 ms",
        "",
        "not scanned: a\\x07b (name-not-found)",
        "interrupted by SIGINT: 2,050 of 3,072 probes were not done",
        "2 open; 1 filtered; 1,019 closed not shown; 3 hosts; 1.25 s",
    ]


def test_txt_of_a_sweep(tmp_path):
    told = [
        HostResult("10.0.0.7", UP, "echo-reply", 0.0004),
        HostResult("10.0.0.1", UP, "conn-refused", 0.003, None, "tcp"),
        HostReport("10.0.0.8", (), DOWN, "host-unreach", None, (), (), "10.0.0.254", "icmp"),
    ]
    run = finish(ping_run(), {"up": 2, "down": 252})
    tell(open_output(str(tmp_path / "a.txt")), run, told, {"10.0.0.7": ["printer.lan"]})
    assert (tmp_path / "a.txt").read_text().splitlines() == [
        "10.0.0.1  3.0 ms  (tcp)",
        "10.0.0.7  0.40 ms  printer.lan",
        "10.0.0.8  down  host-unreach from 10.0.0.254",
        "",
        "2 of 254 hosts up; 1.25 s",
    ]


def test_several_documents_of_one_run_agree(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.txt", "a.csv", "a.json", "a.xml")]
    [documents] = open_outputs(paths)
    tell(documents, finish(scan_run()), [open_port("10.0.0.2"), open_port("10.0.0.1", 80)])
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.csv", "a.json", "a.txt", "a.xml"]
    assert [row["address"] for row in rows(tmp_path / "a.csv")] == ["10.0.0.1", "10.0.0.2"]
