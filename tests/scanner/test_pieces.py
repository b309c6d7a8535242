"""A scan in pieces, and one that is kept: the same results, and nothing done twice or lost whatever ends it."""

import json
import os
import random
import signal
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.api import scan
from shoal.cli import main
from shoal.errors import MachineError, UsageError
from shoal.net.targets import TargetSet, parse
from shoal.scanner.kept import NAME, argv_of
from shoal.scanner.pieces import Piece, Sum, pieces
from shoal.scanner.probes import Job, blocks
from shoal.scanner.result import Folded, HostReport, HostResult, PortResult


def targets(*words):
    return TargetSet([parse(word) for word in words])


def asked(jobs):
    """Every probe of the jobs as (address, port)."""
    for job in jobs:
        for block in blocks(job):
            for ports, order in block.waves:
                for number in order.walk(job.shard):
                    yield block.addresses[number // len(ports)], ports[number % len(ports)]


@settings(max_examples=50)
@given(
    st.integers(1, 3000),
    st.sampled_from([(), (80,), tuple(range(1, 200)), tuple(range(1, 2000))]),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=5),
)
def test_pieces_and_what_is_done_make_the_whole_without_overlap(hosts, ports, workers, done):
    job = Job(targets(f"10.0.0.0-10.0.{(hosts - 1) // 256}.{(hosts - 1) % 256}"), ports, seed=1)
    count = job.block_count
    spans = [(first, min(first + length, count)) for first, length in done if first < count]
    covered = [block for first, last in spans for block in range(first, last)]
    parts = pieces(job, workers, spans)
    left = [block for part in parts for block in range(*part.span)]
    assert sorted(left) == sorted(set(range(count)) - set(covered))
    assert len(left) == len(set(left))
    if not spans:
        assert sum(part.probes for part in parts) == job.probes


def test_the_probes_of_all_pieces_are_those_of_the_whole():
    job = Job(targets("10.0.0.0/24"), tuple(range(1, 2000)), seed=7)
    parts = pieces(job, 3)
    assert len(parts) > 2
    assert sorted(asked(parts)) == sorted(asked([job]))


def documents(tmp_path, *ways):
    """The same scan done each way, as documents without what may differ: round trips and moments."""
    for number, way in enumerate(ways):
        path = tmp_path / f"{number}.json"
        words = ["scan", "127.0.9.1-127.0.9.40", "-p", "1-2500", "--show", "open", "-q", "-o", str(path), *way]
        assert main(words) == 0
        document = json.loads(path.read_text())
        for host in document["hosts"]:
            host.pop("rtt")
            for port in host["ports"]:
                port.pop("rtt")
        yield document["hosts"], document["counts"], document["probes"]


def test_a_kept_scan_finds_what_any_other_does_under_every_model(tmp_path, open_ports, capsys):
    open_ports(3, "127.0.9.1")
    open_ports(2, "127.0.9.40")
    plain, kept, again, threads, processes = documents(
        tmp_path,
        [],
        ["--job", str(tmp_path / "job")],
        ["--job", str(tmp_path / "job")],
        ["--job", str(tmp_path / "threads"), "-m", "thread", "--workers", "3"],
        ["--job", str(tmp_path / "processes"), "-m", "proc", "--workers", "2"],
    )
    assert plain == kept == again == threads == processes


def test_a_scan_killed_at_any_moment_is_gone_on_with_and_ends_the_same(tmp_path, open_ports, python):
    ports = open_ports(4, "127.0.9.7").ports
    folder, out = tmp_path / "job", tmp_path / "out.json"
    words = [python, "-m", "shoal", "scan", "127.0.9.1-127.0.9.60", "-p", f"1-9000,{','.join(map(str, ports))}",
             "-n", "50", "--job", str(folder), "-o", str(out), "-q"]  # fmt: skip
    dice = random.Random(5)
    kept = []
    for _ in range(6):
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
            time.sleep(dice.uniform(0.05, 1.0))
            process.kill()
        kept.append(len((folder / NAME).read_bytes().splitlines()) if (folder / NAME).exists() else 0)
    assert kept == sorted(kept)
    assert subprocess.call([python, "-m", "shoal", "resume", str(folder)], stdout=subprocess.DEVNULL) == 0
    document = json.loads(out.read_text())
    assert document["counts"]["open"] + document["counts"]["closed"] == document["probes"]["settled"]
    assert document["probes"]["settled"] == document["probes"]["planned"] == 60 * len({*range(1, 9001), *ports})
    found = {port["port"] for host in document["hosts"] if host["address"] == "127.0.9.7" for port in host["ports"]}
    assert found >= set(ports)


def test_ctrl_c_keeps_whole_pieces_and_reports_the_rest_too(tmp_path, python):
    folder, out = tmp_path / "job", tmp_path / "out.json"
    words = [python, "-m", "shoal", "scan", "127.0.9.1-127.0.9.60", "-p", "1-9000", "-n", "20"]
    with subprocess.Popen([*words, "--job", str(folder), "-o", str(out), "-q"], stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 20
        while not (folder / NAME).exists() and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    document = json.loads(out.read_text())
    assert document["how_ended"] == "interrupted"
    assert 0 < document["probes"]["settled"] < document["probes"]["planned"]


def test_another_scan_s_folder_is_refused_and_not_touched(tmp_path, capfd):
    folder = str(tmp_path / "job")
    assert main(["scan", "127.0.9.1", "-p", "1-50", "--job", folder, "-q"]) == 0
    before = (tmp_path / "job" / NAME).read_bytes()
    for other in (["127.0.9.2", "-p", "1-50"], ["127.0.9.1", "-p", "1-51"], ["127.0.9.1", "-p", "1-50", "--seed", "4"]):
        assert main(["scan", *other, "--job", folder, "-q"]) == 2
        assert "keeps another scan" in capfd.readouterr().err
    assert (tmp_path / "job" / NAME).read_bytes() == before


def test_a_folder_is_for_one_scan_at_a_time(tmp_path):
    first = iter(scan("127.0.9.1-127.0.9.9", "1-3000", job=str(tmp_path), show=("closed",)))
    next(first)
    with pytest.raises(UsageError, match="another scan is at work"):
        list(scan("127.0.9.1-127.0.9.9", "1-3000", job=str(tmp_path)))
    first.close()


def test_a_torn_last_line_is_cut_off_and_a_changed_file_is_refused(tmp_path):
    def again():
        return sorted(r.port for r in scan("127.0.9.1-127.0.9.40", "1-4000", job=str(tmp_path), show=("closed",)))

    whole = again()
    path = tmp_path / NAME
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) > 2
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:-7])
    assert again() == whole
    path.write_bytes(lines[0] + b"{torn}\n" + b"".join(lines[1:]))
    with pytest.raises(UsageError, match="was changed"):
        again()
    path.write_bytes(b"something else\nand more\n")
    with pytest.raises(UsageError):
        again()


def test_where_nothing_can_be_kept_is_said_before_anything_is_sent(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot keep the scan"):
        list(scan("127.0.9.1", "1-10", job=str(tmp_path / "file")))


def test_resume_wants_a_folder_that_keeps_a_scan(tmp_path):
    assert main(["resume", str(tmp_path)]) == 2
    with pytest.raises(UsageError, match="does not keep a scan"):
        argv_of(str(tmp_path / "nowhere"))


def test_a_kept_ping_tells_again_who_answered(tmp_path, capfd):
    folder = str(tmp_path / "job")
    words = ["ping", "127.0.9.0/25", "--evidence", "tcp", "-q", "--job", folder]
    assert main(words) == 0
    first = capfd.readouterr().out
    assert main(words) == 0
    assert sorted(capfd.readouterr().out.splitlines()) == sorted(first.splitlines())
    assert len(first.splitlines()) == 128


def test_progress_moves_while_a_piece_is_under_way(tmp_path):
    run = scan("127.0.9.1-127.0.9.40", "1-3000", job=str(tmp_path), ceiling=20)
    seen = [run.settled for _ in run.batches()]
    whole = [number for number in seen if number == run.run.probes_planned]
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert whole


def test_pieces_add_up_and_name_the_first_address_of_each_fault():
    total = Sum()
    total.take(Piece((0, 1), True, 3, {"open": 1, "error": 2}, {"no-route": ("10.0.0.1", 2)}, [], []))
    total.take(Piece((1, 2), True, 2, {"open": 1, "error": 1}, {"no-route": ("10.0.0.9", 1)}, [], []))
    assert total.counts == {"open": 2, "error": 3}
    assert total.errors == {"no-route": ("10.0.0.1", 3)}


def test_what_is_kept_of_a_piece_comes_back_as_it_was(tmp_path):
    from shoal.scanner.kept import Kept

    found = [PortResult("10.0.0.1", 80, "open", "syn-ack", 0.5), HostResult("10.0.0.2", "up", "echo-reply", 0.1)]
    folded = [Folded("closed", "conn-refused", [1, 2, 3])]
    reports = [HostReport("10.0.0.1", ["a"], "up", "syn-ack", 0.5, [found[0]], folded, "10.0.0.3")]
    piece = Piece((2, 5), True, 4, {"open": 1, "closed": 3}, {"x": ("10.0.0.1", 1)}, found, reports)
    wanted = {"command": "scan", "seed": 1}
    kept = Kept(str(tmp_path), wanted, ["shoal", "scan"])
    kept.add(piece)
    kept.add(Piece((0, 2), False, 1, {}, {}, [], []))  # not whole: not kept
    kept.close()
    again = Kept(str(tmp_path), wanted, [])
    (back,) = again.pieces
    again.close()
    assert (back.span, back.settled, back.counts, back.errors) == (piece.span, 4, piece.counts, piece.errors)
    assert back.found == found
    assert back.reports == reports
    assert argv_of(str(tmp_path)) == (["shoal", "scan"], os.getcwd())
