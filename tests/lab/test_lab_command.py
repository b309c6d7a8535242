"""The whole lab: as a context manager, and as `shoal lab`, which ends with every process it has started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
import requests

from shoal.cli import main
from shoal.errors import UsageError
from shoal.lab import Lab
from shoal.lab.sites import SITES, build, modes

AGENT = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}


def connects(port):
    """open, closed or silent."""
    with socket.socket() as s:
        s.settimeout(0.3)
        try:
            s.connect(("127.0.0.1", port))
        except ConnectionRefusedError:
            return "closed"
        except TimeoutError:
            return "silent"
        return "open"


# As a context manager


def test_all_targets_answer_and_are_gone_afterwards():
    with Lab() as lab:
        assert list(lab.targets) == ["jobs", "films", "gallery", "quotes", "maze", "ports"]
        for name in SITES:
            with urlopen(lab.targets[name].url, timeout=10) as response:
                assert response.status == 200
        for kind, ports in lab.ports.ports.items():
            assert [connects(port) for port in ports] == [kind] * 3
        port = lab.ports.ports["open"][0]
    assert connects(port) == "closed"


def test_conditions_hold_for_every_site():
    with Lab("quotes", "maze", error_rate=1.0) as lab:
        for target in (lab.quotes, lab.maze):
            assert requests.get(target.url, timeout=10).status_code >= 500


def test_ports_follow_one_another():
    with socket.create_server(("127.0.0.1", 0)) as free:
        base = free.getsockname()[1]
    base = base if base < 65_000 else 40_000
    with Lab("ports", "maze", port_base=base) as lab:
        assert lab.maze.url == f"http://127.0.0.1:{base + 1}"
        assert [port for ports in lab.ports.ports.values() for port in ports] == list(range(base + 2, base + 11))


def test_options_reach_the_site():
    with Lab("jobs", options={"jobs": {"budget": 1}}) as lab, requests.Session() as session:
        session.headers.update(AGENT)
        page = session.get(f"{lab.jobs.url}/jobs/list_Python?city=北京", timeout=10)
        assert [cookie.name for cookie in session.cookies] == [
            "JSESSIONID", "SEARCH_ID", "user_trace_token", "X_HTTP_TOKEN",
        ]  # fmt: skip
        form = {"first": "true", "pn": 1, "kd": "Python"}
        ask = {"params": {"city": "北京"}, "data": form, "headers": {"Referer": page.url}, "timeout": 10}
        replies = [session.post(f"{lab.jobs.url}/jobs/positionAjax.json", **ask).json() for _ in range(2)]
        assert len(replies[0]["content"]["positionResult"]["result"]) == 15
        assert replies[1]["state"] == 2402
        assert lab.jobs.observed.summary() == {
            "requests": 3, "most in flight": 1, "refusals": 1, "list pages": 1, "data pages": 1,
        }  # fmt: skip


def test_a_truncated_reply_breaks_off_on_the_wire():
    broken = pytest.raises(requests.exceptions.ChunkedEncodingError)
    with Lab("jobs", mode="truncated+lenient") as lab, broken:
        requests.post(f"{lab.jobs.url}/jobs/positionAjax.json", data={"pn": 1, "kd": "Python"}, timeout=10)


@pytest.mark.parametrize(
    ("names", "how", "sentence"),
    [
        (("nothing",), {}, "no practice target 'nothing'; there are jobs, films"),
        (("jobs",), {"mode": "bogus"}, "no practice site that was chosen has the mode 'bogus'; jobs has normal"),
        (("jobs",), {"mode": "films=worn"}, "has the mode 'films=worn'"),
        (("quotes",), {"mode": "strict"}, "none has modes"),
        (("jobs",), {"port_base": 65_530}, "the first port must leave room for all up to 65535, and 65530 does not"),
        (("jobs",), {"port_base": -1}, "the first port must"),
        (("jobs",), {"latency": -1.0}, "latency"),
    ],
)
def test_what_cannot_be_is_said_before_anything_starts(names, how, sentence):
    with pytest.raises(UsageError, match=sentence):
        Lab(*names, **how)


def test_a_mode_goes_to_the_sites_that_have_it():
    with Lab("jobs", "quotes", mode="tracking") as lab:
        answer = requests.get(f"{lab.jobs.url}/jobs/list_Python", allow_redirects=False, timeout=10)
        assert answer.status_code == 302
        assert requests.get(lab.quotes.url, timeout=10).status_code == 200


def test_the_strictness_chooses_the_mode_of_its_name():
    with Lab("jobs", strictness="lenient") as lab:
        answer = requests.post(f"{lab.jobs.url}/jobs/positionAjax.json", data={"pn": 1, "kd": "Python"}, timeout=10)
        assert answer.json()["success"] is True


def test_a_target_there_is_not_says_which_there_are():
    with Lab("maze") as lab, pytest.raises(AttributeError, match="this lab has no jobs: maze"):
        _ = lab.jobs


@pytest.mark.parametrize("name", SITES)
def test_every_site_can_be_built_in_each_of_its_modes(name):
    assert all(callable(build(name, seed=3, mode=mode)) for mode in ("", *modes(name)))


# As a command


@pytest.fixture
def lab(tmp_path):
    """`shoal lab` with these words, running; its first line; whatever is left of it is ended."""
    started = []

    def start(*words):
        command = [sys.executable, "-m", "shoal", "lab", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_everything(lab, number, status):
    process = lab("--json", "jobs", "ports")
    told = json.loads(process.stdout.readline())
    assert told["pid"] == process.pid
    with urlopen(told["targets"]["jobs"]["url"], timeout=10) as response:
        assert "Python" in response.read().decode()
    port = told["targets"]["ports"]["open"][0]
    assert connects(port) == "open"
    holders = children(process.pid)
    assert len(holders) == 3
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == status
    assert errors == "jobs: 1 requests, 1 most in flight, 0 refusals\n"
    assert not any(map(alive, holders))
    assert connects(port) == "closed"


def test_even_a_killed_lab_leaves_no_process(lab):
    process = lab("--json", "ports")
    json.loads(process.stdout.readline())
    holders = children(process.pid)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 5
    while any(map(alive, holders)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, holders))


def test_it_ends_by_itself_when_its_time_is_over(lab):
    process = lab("maze", "ports", "--duration", "0.2", "-q")
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""
    lines = output.splitlines()
    assert lines[0].startswith("maze     http://127.0.0.1:")
    assert lines[1].startswith("ports    127.0.0.1")
    assert lines[2] == "Ctrl-C ends them."


def test_the_list_starts_nothing(capsys):
    assert main(["lab", "--list"]) == 0
    told = capsys.readouterr().out
    assert "modes: normal lenient strict" in told
    assert all(name in told for name in SITES)


@pytest.mark.parametrize(
    "words",
    [["nothing"], ["--latency", "-1"], ["jobs", "--mode", "x"], ["--duration", "nan"], ["--port-base", "70000"]],
)
def test_misuse_is_one_sentence(words, capfd):
    assert main(["lab", *words]) == 2
    said = capfd.readouterr().err
    assert said.startswith("shoal: ")
    assert said.count("\n") == 1


def test_a_port_that_is_taken_is_the_machines_fault(capfd):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["lab", "maze", "--port-base", str(min(taken.getsockname()[1], 65_500))]) == 4
    assert "Address already in use" in capfd.readouterr().err
