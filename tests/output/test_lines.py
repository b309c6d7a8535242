"""The lines for people, as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from output_stories import addresses, rtts

from shoal.output.lines import ending, endpoint, host_line, milliseconds, port_line, problem_lines, seconds, summary


@pytest.mark.parametrize(
    ("rtt", "text"),
    [(None, "-"), (0.0, "0.00 ms"), (0.00004, "0.04 ms"), (0.0042, "4.2 ms"), (0.042, "42.0 ms"), (1.2, "1200 ms")],
)
def test_milliseconds(rtt, text):
    assert milliseconds(rtt) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [(0.021, "0.02 s"), (12.34, "12.3 s"), (125, "2 min 05 s"), (3723.4, "1 h 02 min 03 s"), (119.7, "2 min 00 s")],
)
def test_seconds(duration, text):
    assert seconds(duration) == text


@given(addresses, rtts)
def test_nothing_but_the_address_stands_before_the_first_blank(address, rtt):
    assert host_line(address, "up", "echo-reply", rtt, names=["a b"]).split(" ")[0] == address
    assert host_line(address, "down", "no-response").split(" ")[0] == address
    where = endpoint(address, 80)
    assert port_line(where, "open", "syn-ack", rtt).split(" ")[0] == where
    assert where.rpartition(":")[0].strip("[]") == address


def test_an_open_port_needs_no_reason():
    assert port_line("10.0.0.1:22", "open", "syn-ack", 0.0003, "ssh") == "10.0.0.1:22  open  ssh  0.30 ms"


def test_the_summary_counts_what_is_not_shown():
    text = summary(False, 1, 1, {"open": 5, "closed": 1019, "filtered": 2}, {"open": 5, "filtered": 2}, 0.02)
    assert text == "5 open; 2 filtered; 1,019 closed not shown; 1 host; 0.02 s"


def test_the_summary_of_a_sweep():
    assert summary(True, 254, 12, {"up": 12, "down": 242}, {}, 1.02) == "12 of 254 hosts up; 1.02 s"
    assert summary(True, 1, 0, {"error": 1}, {}, None) == "0 of 1 host up; 1 error"


@pytest.mark.parametrize(
    ("how", "signal", "settled", "text"),
    [
        ("completed", None, 10, None),
        ("interrupted", 2, 4, "interrupted by SIGINT: 6 of 10 probes were not done"),
        ("interrupted", None, 10, "interrupted"),
        ("killed", None, 10, "killed"),
    ],
)
def test_only_a_run_that_did_not_end_by_itself_says_how(how, signal, settled, text):
    assert ending(how, signal, 10, settled) == text


def test_a_thousand_problems_are_twenty_lines_and_a_number():
    lines = problem_lines([(f"name{number}", "name-not-found", 1) for number in range(1000)])
    assert (len(lines), lines[-1]) == (21, "not scanned: 980 more")
    assert problem_lines([("10.0.0.1", "no-route", 1024)]) == ["not scanned: 10.0.0.1 (no-route, 1,024 times)"]
