"""A real cluster on loopback: what is lost comes back, nobody gets in without a key, nothing listens elsewhere."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from shoal.cli import main
from shoal.cluster import keys
from shoal.cluster.allowed import VARIABLE, read_allowed, refuse_outside
from shoal.cluster.connect import checked, connect
from shoal.cluster.crew import Crew
from shoal.cluster.member import Member
from shoal.errors import MachineError, UsageError
from shoal.net.targets import TargetSet, parse
from shoal.workers import Lost, carrier

RUNNERS = str(Path(__file__).parents[1] / "workers")
sys.path.append(RUNNERS)

from carried_runners import Slow  # noqa: E402

pytestmark = pytest.mark.usefixtures("dask_cluster")  # what Dask keeps for ever stands before the first test

JOBS = [(f"job {number}", 2) for number in range(24)]  # 0.2 s each: about 2.5 s for two workers
EVERYTHING = Counter({(name, number): 1 for name, length in JOBS for number in range(length)})


@contextmanager
def cluster(monkeypatch, workers=2, **more):
    """A crew with its scheduler's address; it is tended until the end."""
    monkeypatch.setenv("PYTHONPATH", RUNNERS, prepend=os.pathsep)
    with Crew() as crew:
        scheduler = crew.add(Member("scheduler", "127.0.0.1", **more))
        for number in range(workers):
            crew.add(Member("worker", "127.0.0.1", 0, scheduler, name=f"worker-{number}", **more))
        over = threading.Event()
        tending = threading.Thread(
            target=lambda: [crew.tend(time.monotonic()) for _ in iter(lambda: over.wait(0.1), True)]
        )
        tending.start()
        try:
            yield crew, scheduler
        finally:
            over.set()
            tending.join()


def process_of(crew, role):
    """The id of a member's process."""
    return next(number for member, number in crew.processes() if member.role == role)


def carried(scheduler, do_after, deed, **options):
    """All messages of the jobs, with a deed after so many of them."""
    messages = []
    with connect(scheduler) as client:
        client.wait_for_workers(2, timeout=30)
        for message in carrier("cluster", Slow, JOBS, client=client, **options).run():
            messages.append(message)
            if len(messages) == do_after:
                deed()
    return messages


def test_a_killed_worker_costs_no_job_and_no_job_counts_twice(monkeypatch):
    with cluster(monkeypatch) as (crew, scheduler):
        messages = carried(scheduler, 8, lambda: os.kill(process_of(crew, "worker"), signal.SIGKILL))
    assert Counter(messages) == EVERYTHING


def test_a_killed_scheduler_that_comes_back_costs_no_job(monkeypatch):
    with cluster(monkeypatch) as (crew, scheduler):
        messages = carried(scheduler, 8, lambda: os.kill(process_of(crew, "scheduler"), signal.SIGKILL))
    assert Counter(messages) == EVERYTHING


def test_a_paused_worker_is_given_up_and_what_it_says_later_does_not_count(monkeypatch):
    with cluster(monkeypatch, lost=2.0) as (crew, scheduler):
        paused = process_of(crew, "worker")
        wake = threading.Timer(5.0, os.kill, (paused, signal.SIGCONT))
        try:
            messages = carried(scheduler, 8, lambda: (os.kill(paused, signal.SIGSTOP), wake.start()))
        finally:
            wake.join()
    assert Counter(messages) == EVERYTHING


def test_without_a_word_for_too_long_a_job_is_given_to_another_worker_as_well(monkeypatch):
    with cluster(monkeypatch, lost=3600.0) as (crew, scheduler):  # this scheduler never gives up a worker
        paused = process_of(crew, "worker")
        messages = carried(scheduler, 8, lambda: os.kill(paused, signal.SIGSTOP), patience=1.5)
        os.kill(paused, signal.SIGCONT)
    assert Counter(messages) == EVERYTHING


def test_stop_lets_runners_finish_early_and_what_they_said_is_heard(monkeypatch):
    with cluster(monkeypatch) as (_, scheduler), connect(scheduler) as client:
        client.wait_for_workers(2, timeout=30)
        running = carrier("cluster", Slow, [(name, 1000) for name in "abcd"], client=client)
        threading.Timer(1.0, running.stop).start()
        messages = list(running.run())
    assert {name for name, _ in messages} <= set("abcd")
    assert len({name for name, _ in messages}) >= 2
    assert not any(isinstance(message, Lost) for message in messages)


def test_a_scan_finds_the_same_on_a_cluster_as_here(monkeypatch, open_ports, tmp_path, capsys):
    ports = open_ports(5, "127.0.0.9").ports
    documents = []
    with cluster(monkeypatch) as (_, scheduler):
        for name, where in (("here", []), ("there", ["--cluster", scheduler])):
            path = tmp_path / f"{name}.json"
            wanted = ["--show", "all", "127.0.0.8-127.0.0.11", "-p", f"1-2000,{','.join(map(str, ports))}"]
            assert main(["scan", *wanted, "-q", "-o", str(path), *where]) == 0
            documents.append(json.loads(path.read_text()))
    here, there = (
        {h["address"]: sorted((p["port"], p["state"]) for p in h["ports"]) for h in d["hosts"]} for d in documents
    )
    assert here == there
    assert {port for port, state in there["127.0.0.9"] if state == "open"} >= set(ports)
    capsys.readouterr()


def test_keys_are_made_once_and_private(tmp_path):
    made = keys.made(tmp_path / "keys")
    first = Path(made.key).read_bytes()
    assert keys.made(tmp_path / "keys") == made
    assert Path(made.key).read_bytes() == first
    assert stat.S_IMODE(Path(made.key).stat().st_mode) == 0o600
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in made.folder.iterdir()) == sorted(keys.FILES)


def test_keys_that_others_may_read_or_that_are_not_there_are_refused(tmp_path):
    made = keys.made(tmp_path / "keys")
    Path(made.key).chmod(0o644)
    with pytest.raises(UsageError, match="may be read by others"):
        keys.read(made.folder)
    with pytest.raises(UsageError, match="no cluster keys in"):
        keys.read(tmp_path / "nowhere")


def test_only_who_has_the_key_is_spoken_to(monkeypatch, tmp_path):
    ours, foreign = keys.made(tmp_path / "ours"), keys.made(tmp_path / "foreign")
    with cluster(monkeypatch, keys=str(ours.folder)) as (_, scheduler):
        with connect(scheduler, ours.folder) as client:
            assert client.submit(abs, -7).result(timeout=30) == 7
        with pytest.raises(UsageError, match="refuses our key, or has none of our authority"):
            connect(scheduler, foreign.folder)
        with pytest.raises(MachineError, match="does it want tls://"):
            connect(scheduler.replace("tls://", "tcp://"))


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:8786", "tcp://example.org", "tcp://[2001:db8::1]:8786"])
def test_without_tls_nobody_but_loopback_is_spoken_to(address):
    with pytest.raises(UsageError, match="neither encrypted nor on this machine"):
        checked(address)
    assert checked(address, insecure=True)[0] == "tcp"


@pytest.mark.parametrize("address", ["host:8786", "http://host", "tls://", "tls://host:99999", ""])
def test_what_is_no_address_of_a_scheduler_is_named(address):
    with pytest.raises(UsageError):
        checked(address)


def test_nobody_at_the_address_is_one_sentence(capfd):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert main(["scan", "127.0.0.1", "-p", "1", "--cluster", f"tcp://127.0.0.1:{port}"]) == 4
    assert f"nobody answers at tcp://127.0.0.1:{port}" in capfd.readouterr().err


def test_members_listen_on_the_address_they_were_told_and_nowhere_else(monkeypatch):
    with cluster(monkeypatch) as (crew, _):
        own = {number for _, number in crew.processes()}
        listening = [place for number in own for place in listened(number)]
    assert len(listening) >= 3
    assert {address for address, _ in listening} == {"127.0.0.1"}


def listened(process):
    """(address, port) of the sockets on which a process listens."""
    inodes = set()
    for link in Path(f"/proc/{process}/fd").iterdir():
        target = os.readlink(link)
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, port = fields[1].split(":")
                packed = b"".join(bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8))
                yield socket.inet_ntop(family, packed), int(port, 16)


def test_members_end_with_whoever_started_them(tmp_path, python):
    starting = subprocess.Popen(
        [python, "-m", "shoal", "cluster", "start", "--workers", "1", "--port", "0", "--keys", str(tmp_path / "keys")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        told = starting.stdout.readline()
        children = Path(f"/proc/{starting.pid}/task/{starting.pid}/children").read_text()
        members = [int(number) for number in children.split()]
    finally:
        starting.kill()
        starting.wait()
        starting.stdout.close()
    assert told.startswith("a cluster of 1 worker at tls://127.0.0.1:")
    assert len(members) == 2
    until = time.monotonic() + 15
    while any(map(alive, members)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, members))


def alive(process):
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_sigterm_ends_a_cluster_in_good_order(tmp_path, python):
    with subprocess.Popen(
        [python, "-m", "shoal", "cluster", "start", "--port", "0", "--keys", str(tmp_path / "keys")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as starting:
        address = starting.stdout.readline().split()[-1]
        for _ in range(3):
            starting.stdout.readline()
        assert main(["cluster", "status", address, "--keys", str(tmp_path / "keys")]) == 0
        starting.send_signal(signal.SIGTERM)
        _, errors = starting.communicate(timeout=30)
    assert (starting.returncode, errors) == (0, "ending the members started here\n")


def test_off_loopback_a_cluster_without_keys_must_be_insisted_on(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOAL_KEYS", str(tmp_path / "none"))
    assert main(["cluster", "join", "tls://127.0.0.1:1"]) == 2
    assert "there are no cluster keys" in capfd.readouterr().err
    assert main(["cluster", "join", "tcp://192.0.2.1:8786"]) == 2
    assert "neither encrypted" in capfd.readouterr().err
    assert main(["cluster", "join"]) == 2


# What a machine's owner allows.


def targets(*words):
    return TargetSet([parse(word) for word in words])


def test_a_worker_probes_only_what_its_owner_allows(tmp_path, monkeypatch):
    allowed = tmp_path / "allowed"
    allowed.write_text("127.0.0.0/30  # ours\n10.0.0.5-10.0.0.9 10.0.0.10\n::1\n")
    monkeypatch.setenv(VARIABLE, str(allowed))
    refuse_outside(targets("127.0.0.1", "10.0.0.6-10.0.0.10", "::1"))
    for outside, named in (("127.0.0.0/29", "127.0.0.4-127.0.0.7"), ("10.0.0.11", "10.0.0.11"), ("::2", "::2")):
        with pytest.raises(UsageError, match=named):
            refuse_outside(targets("127.0.0.1", outside))
    monkeypatch.delenv(VARIABLE)
    refuse_outside(targets("10.9.9.9"))


def test_a_list_with_names_or_that_cannot_be_read_allows_nothing(tmp_path):
    (tmp_path / "names").write_text("10.0.0.1\nlocalhost\n")
    with pytest.raises(UsageError, match="line 2"):
        read_allowed(str(tmp_path / "names"))
    with pytest.raises(MachineError):
        read_allowed(str(tmp_path / "nothing"))


def test_what_a_member_of_the_cluster_refuses_is_a_problem_of_the_run(monkeypatch, tmp_path, capfd):
    allowed = tmp_path / "allowed"
    allowed.write_text("127.0.0.1\n")
    with cluster(monkeypatch, allow=str(allowed)) as (_, scheduler):
        assert main(["scan", "127.0.0.2", "-p", "1-50", "--cluster", scheduler]) == 2
        assert main(["scan", "127.0.0.2-127.0.0.60", "-p", "1-9000", "--cluster", scheduler]) == 3
    said = capfd.readouterr().err
    assert " is not among the targets that this machine allows" in said
    assert "not scanned: part 1 of " in said
