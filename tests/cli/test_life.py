"""How a command ends: signals, broken pipes, full disks, exit statuses. Files are valid whatever happens."""

import _socket
import json
import os
import random
import signal
import subprocess
import time

import pytest
from commands import PMAP, ROOT, SHOAL, run, start

from shoal.cli import main
from shoal.lab.ports import SilentPorts
from shoal.scanner import names

LONG = ["scan", "127.0.0.1-127.0.0.60", "-p", "1-20000"]


def wait_for(condition, seconds=20):
    """Wait until it is so; the only way to meet another process."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def journal_grows(folder):
    """Whether an open port was found and written down."""
    return any(b'"type":"port"' in path.read_bytes() for path in folder.iterdir() if path.name.endswith("journal"))


def interrupted(process, number, folder):
    wait_for(lambda: journal_grows(folder))
    process.send_signal(number)
    return process.communicate(timeout=30)


@pytest.mark.parametrize("model", ["async", "thread", "proc"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_ends_gracefully_with_valid_files(open_ports, tmp_path, number, status, model):
    open_ports([443], "0.0.0.0")
    process = start(*SHOAL, *LONG, "-m", model, "-o", tmp_path / "r.json", "-o", tmp_path / "r.xml")
    _, complaints = interrupted(process, number, tmp_path)
    assert process.returncode == status, complaints
    assert "Traceback" not in complaints
    assert f"interrupted by {number.name}" in complaints
    result = json.loads((tmp_path / "r.json").read_text())
    assert result["how_ended"] == "interrupted"
    assert result["signal"] == number
    assert 0 < result["probes"]["settled"] < result["probes"]["planned"]
    assert b"</nmaprun>" in (tmp_path / "r.xml").read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.name not in {"r.json", "r.xml"}], "left-overs"


def test_the_second_signal_ends_at_once_with_valid_files(tmp_path):
    with SilentPorts("127.0.7.9", 5) as silent:
        ports = ",".join(map(str, silent.ports))
        command = [*SHOAL, "scan", "127.0.7.9", "-p", ports, "-t", "30", "--tries", "9", "-o", tmp_path / "r.json"]
        process = start(*command)
        wait_for(lambda: (tmp_path / "r.json").exists() or any(tmp_path.iterdir()))
        time.sleep(0.2)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert time.monotonic() - started < 5
    assert process.returncode == 130, complaints
    assert "Traceback" not in complaints
    assert json.loads((tmp_path / "r.json").read_text())["how_ended"] == "interrupted"


@pytest.mark.parametrize("round_number", range(6))
def test_killed_at_a_random_moment_nothing_reported_is_lost(open_ports, tmp_path, round_number):
    """kill -9: the journal has every port that was printed, and `shoal report` makes documents of it."""
    open_ports([443, 7777, 17777], "0.0.0.0")
    command = [*SHOAL, *LONG, "--show", "open", "-o", tmp_path / "r.json"]
    process = start(*command)
    wait_for(lambda: journal_grows(tmp_path))
    time.sleep(random.Random(round_number).random() * 0.4)
    process.kill()
    printed, _ = process.communicate()
    if (tmp_path / "r.json").exists():
        pytest.skip("it was finished before the kill")
    (journal,) = [path for path in tmp_path.iterdir() if path.name.endswith("journal")]
    done = run(*SHOAL, "report", journal, "-o", tmp_path / "saved.json", "-o", tmp_path / "saved.xml")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "saved.json").read_text())
    saved = {f"{host['address']}:{port['port']}" for host in result["hosts"] for port in host["ports"]}
    assert {line.split()[0] for line in printed.splitlines(keepends=True) if line.endswith("\n")} <= saved
    assert result["how_ended"] == "killed"


def test_head_ends_it_quietly(tmp_path):
    command = f"{' '.join(map(str, SHOAL))} scan 127.0.0.1 -p 1-60000 --show closed | head -3; echo ${{PIPESTATUS[0]}}"
    done = run("bash", "-c", command, cwd=ROOT)
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert lines[-1] == "141"
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_targets_piped_to_head_end_quietly():
    done = run("bash", "-c", f"{' '.join(map(str, SHOAL))} targets 10.0.0.0/8 | head -2", cwd=ROOT)
    assert done.stdout.splitlines() == ["10.0.0.0", "10.0.0.1"]
    assert done.stderr == ""


def test_a_name_that_cannot_be_resolved_costs_only_itself_and_says_partial(tmp_path, monkeypatch, capfd):
    def resolve(name):
        raise _socket.gaierror(_socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(names, "resolve", resolve)
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "127.0.0.1", "no.such.host", "-p", "1-5", "-o", "r.json"]) == 3
    result = json.loads((tmp_path / "r.json").read_text())
    assert [problem["target"] for problem in result["problems"]] == ["no.such.host"]
    assert result["counts"] == {"closed": 5}
    assert "not scanned: no.such.host (name-not-found)" in capfd.readouterr().err


def test_no_route_at_all_is_the_machines_fault(network):
    net = network(scanner_routes={"10.77.3.0/24": "unreachable"})
    done = net.run([*SHOAL, "scan", "10.77.3.1", "-p", "1-5"])
    assert done.returncode == 4, done.stderr
    assert "unreachable-route" in done.stderr


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("no/such/folder/r.json", 2, "no directory"),
        (".", 2, "cannot tell the format"),
        ("folder.json", 2, "is a directory"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_anything_is_sent(tmp_path, path, status, sentence):
    (tmp_path / "folder.json").mkdir()
    done = run(*SHOAL, "scan", "127.0.0.1", "-p", "1-5", "-o", path, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert sentence in done.stderr
    assert done.stdout == ""


def test_results_alone_are_on_standard_output():
    done = run(*SHOAL, "scan", "127.0.0.1", "-p", "1-5", "--show", "all", "-q")
    assert len(done.stdout.splitlines()) == 5
    assert done.stderr == ""
    done = run(*SHOAL, "scan", "127.0.0.1", "-p", "1-5", "-o", "json:-")
    assert json.loads(done.stdout)["counts"] == {"closed": 5}


def test_a_long_job_shows_its_progress_on_a_terminal():
    """On a pseudo-terminal: a line that redraws itself, and is gone at the end."""
    master, slave = os.openpty()
    command = [*SHOAL, "scan", "127.0.0.1-127.0.0.20", "-p", "1-20000"]
    process = start(*command, stdout=subprocess.DEVNULL, stderr=slave, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    shown, asked = b"", False
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        shown += data
        if b"ETA" in shown and not asked:
            process.send_signal(signal.SIGINT)
            asked = True
    os.close(master)
    assert process.wait(20) in {0, 130}
    assert b"% " in shown
    assert b"/s" in shown
    assert shown.rstrip().splitlines()[-1].startswith((b"0 open", b"\r\x1b[K0 open", b"\r\x1b[Kinterrupted"))


def test_an_empty_shard_is_done_at_once():
    done = run(*PMAP, "-f", "tcp", "-ip", "127.0.0.1", "-p", "1-3", "-m", "proc", "-n", "50")
    assert done.returncode == 0, done.stderr
