"""The benchmark harness takes turns, counts wrong answers as wrong, names what is missing, and judges by medians."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import harness, report, scan
from benchmarks.harness import Contestant, Measured, Row, Sample


class Here:
    """The ground that is this very machine; notes who ran."""

    def __init__(self):
        self.ran = []

    def popen(self, command, **options):
        self.ran.append(command[-1])
        return subprocess.Popen(command, **options)


def say(name, *words, rounds=None):
    return Contestant(name, ("echo", *(words or (name,))), str.strip, rounds)


def a_row(here, *contestants, demands=(), expected=None, rounds=3):
    return Row("row", "some work", lambda: nullcontext(here), contestants, demands, expected, rounds)


def a_run(name, *walls, right=True):
    return Measured(name, name, [Sample(wall, wall / 2, 1 << 20, 0, right) for wall in walls])


def test_contestants_take_turns_and_slow_ones_fewer():
    here = Here()
    outcome = harness.measure(a_row(here, say("a"), say("b", rounds=2)))
    assert here.ran == ["true", "a", "b", "a", "b", "a"]  # the first is the floor of the memory figures
    assert [len(each.samples) for each in outcome.measured] == [3, 2]


def test_a_run_is_timed_from_outside():
    outcome = harness.measure(a_row(Here(), Contestant("nap", ("sleep", "0.05"), str)), rounds=1)
    (sample,) = outcome.measured[0].samples
    assert 0.05 <= sample.wall < 5
    assert 0 <= sample.cpu < sample.wall
    assert sample.peak >= 100_000


def test_processor_time_of_grandchildren_counts(python):
    burn = "import time\nend = time.process_time() + 0.05\nwhile time.process_time() < end: pass"
    spawn = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', {burn!r}])"
    outcome = harness.measure(a_row(Here(), Contestant("burn", (python, "-c", spawn), str)), rounds=1)
    assert outcome.measured[0].cpu >= 0.05


def test_wrong_answers_and_failures_are_not_right():
    row = a_row(Here(), say("a"), say("b"), Contestant("c", ("false",), lambda _: "a"), expected="a")
    assert [each.right for each in harness.measure(row).measured] == [3, 0, 0]


def test_without_an_expected_answer_ours_is_the_measure():
    assert [each.right for each in harness.measure(a_row(Here(), say("a"), say("b"))).measured] == [3, 0]


def test_a_run_without_end_is_killed(monkeypatch):
    monkeypatch.setattr(harness, "LIMIT", 0.05)
    sample, _ = harness.run(Contestant("stuck", ("sleep", "60"), str), Here())
    assert (sample.status, sample.right) == (-9, False)
    assert sample.wall < 30


def test_a_missing_peer_is_named_and_its_demand_not_judged():
    absent = Contestant("rival", ("no-such-scanner",), str)
    outcome = harness.measure(a_row(Here(), say("a"), absent, demands=(harness.faster_than("rival", 2),)))
    assert outcome.measured[1].skipped == "no-such-scanner is not installed"
    assert outcome.verdicts[0].met is None


@pytest.mark.parametrize(("ratio", "met"), [(2.0, True), (2.01, False)])
def test_ratios_are_of_medians(ratio, met):
    verdict = harness.faster_than("peer", ratio)([a_run("ours", 1, 2, 99), a_run("peer", 0.1, 4, 4)])
    assert (verdict.got, verdict.met) == ("2.00 x (peer)", met)


def test_the_best_setting_must_also_be_right():
    runs = [a_run("ours", 1), a_run("hasty", 1.5, right=False), a_run("careful", 4), a_run("slow", 9)]
    verdict = harness.faster_than_best_of("peer", ["hasty", "careful", "slow"], 2)(runs)
    assert (verdict.got, verdict.met) == ("4.00 x (careful)", True)


def test_limits_and_rightness_are_judged():
    assert harness.within(0.025)([a_run("ours", 0.020, 0.025, 0.9)]).met
    assert not harness.within(0.025)([a_run("ours", 0.026)]).met
    assert harness.always_right()([a_run("ours", 1)]).met
    assert not harness.always_right()([a_run("ours", 1, right=False)]).met


def test_results_are_written_with_machine_versions_and_commands(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    row = a_row(Here(), say("a"), Contestant("rival", ("no-such-scanner",), str), demands=(harness.always_right(),))
    report.save(harness.measure(row))
    record = json.loads((tmp_path / "results" / "row.json").read_text("utf-8"))
    assert record["measured"][0]["command"] == "echo a"
    assert len(record["measured"][0]["samples"]) == 3
    assert record["machine"]["cores"] >= 1
    assert {"date", "versions", "load_before", "peak_floor"} <= record.keys()
    table = report.write_table([row], "Title").read_text("utf-8")
    assert "| some work | right in every run | 3 of 3 | yes |" in table
    assert "| rival | skipped: no-such-scanner is not installed |" in table


def test_answers_are_read_from_what_programs_print():
    assert scan.our_ports("10.77.0.1:22  open  ssh  0.30 ms\n2 open; 3 closed\n[::1]:80  open  http  -\n") == {22, 80}
    assert scan.our_endpoints("10.77.0.1:22  open  ssh  0.30 ms\n10.77.0.2:22  closed  ssh  -\n") == {"10.77.0.1:22"}
    assert scan.nmap_ports("PORT STATE\n22/tcp open  ssh\n23/tcp closed telnet\n") == {22}
    assert scan.addresses("10.77.0.1  0.40 ms\n10.77.0.2\n2 of 4 hosts up; 0.01 s\n") == {"10.77.0.1", "10.77.0.2"}
    assert scan.bare_ports("22\n80\n") == {22, 80}


def test_every_row_is_whole():
    names = [row.name for row in scan.ROWS]
    assert len(set(names)) == len(names)
    for row in scan.ROWS:
        contestants = [each.name for each in row.contestants]
        assert len(set(contestants)) == len(contestants)
        assert row.expected
        judged = [demand([a_run(name, 1.0) for name in contestants]) for demand in row.requirements]
        assert all(verdict.met is not None for verdict in judged), "a demand names a peer that is not there"


@pytest.mark.parametrize("kind", ["pool", "threads"])
def test_the_homework_finds_open_ports(open_ports, python, kind):
    port = open_ports(1, "127.0.9.1").ports[0]
    command = [python, scan.NAIVE[1], kind, "4", "127.0.9.1", str(port), str(port + 1)]
    assert scan.bare_ports(subprocess.run(command, capture_output=True, text=True, check=True).stdout) == {port}


def test_the_homework_finds_hosts(network, python):
    net = network(silent=["10.77.0.2/32"])
    said = net.run([python, scan.NAIVE[1], "ping", "3", "10.77.0.1", "10.77.0.2", "10.77.0.3"]).stdout
    assert scan.addresses(said) == {"10.77.0.1", "10.77.0.3"}
