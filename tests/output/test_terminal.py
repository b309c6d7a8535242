"""What a person and a pipe see."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from output_stories import finish, open_port, ping_run, scan_run, tell

from shoal.errors import MachineError
from shoal.output.progress import Progress
from shoal.output.terminal import Terminal, wants_colour
from shoal.scanner.result import DOWN, FILTERED, INTERRUPTED, UP, HostReport, HostResult, PortResult, Problem


def test_a_scan_shows_results_on_stdout_and_the_summary_on_stderr(capfd):
    told = [open_port("192.168.0.1", 22, 0.0003), open_port("::1", 65535, 0.0123), open_port("192.168.0.1", 80, None)]
    tell(Terminal(), finish(scan_run(2), {"open": 3, "closed": 1019}), told, {"::1": ["me"]})
    out, err = capfd.readouterr()
    assert out.splitlines() == [
        "192.168.0.1:22  open  ssh  0.30 ms",
        "[::1]:65535  open  -  12.3 ms  me",
        "192.168.0.1:80  open  http  -",
    ]
    assert err.splitlines() == ["3 open; 1,019 closed not shown; 2 hosts; 1.25 s"]


def test_a_sweep_shows_the_address_alone_at_the_beginning_of_the_line(capfd):
    told = [
        HostResult("192.168.0.7", UP, "echo-reply", 0.0004),
        HostResult("192.168.0.1", UP, "conn-refused", 0.003, None, "tcp"),
        HostReport("192.168.0.7", ["printer"], UP, "echo-reply", 0.0004, evidence="icmp"),
        HostReport("192.168.0.9", [], DOWN, "host-unreach", source="192.168.0.1", evidence="icmp"),
    ]
    tell(Terminal(), finish(ping_run(), {"up": 2, "down": 252}), told, {"192.168.0.7": ["printer"]})
    out, err = capfd.readouterr()
    assert out.splitlines() == [
        "192.168.0.7  0.40 ms  printer",
        "192.168.0.1  3.0 ms  (tcp)",
        "192.168.0.9  down  host-unreach from 192.168.0.1",
    ]
    assert [line.split(" ")[0] for line in out.splitlines()] == ["192.168.0.7", "192.168.0.1", "192.168.0.9"]
    assert err == "2 of 254 hosts up; 1.25 s\n"


def test_names_are_not_repeated_for_each_port_of_the_only_host(capfd):
    tell(Terminal(quiet=True), finish(scan_run(1)), [open_port("127.0.0.1")], {"127.0.0.1": ["localhost"]})
    assert capfd.readouterr().out == "127.0.0.1:22  open  ssh  0.30 ms\n"


def test_verbose_adds_the_elapsed_time(capfd):
    tell(Terminal(verbose=True), finish(scan_run(1)), [])
    assert capfd.readouterr().err.splitlines()[-1] == "time: 1.250 s"


def test_quiet_keeps_silent_but_for_what_is_wrong(capfd):
    run = finish(scan_run(), how=INTERRUPTED, signal=2, problems=[Problem("a\x1b]0;b", "name-not-found")])
    tell(Terminal(quiet=True), run, [])
    assert capfd.readouterr().err.splitlines() == [
        "not scanned: a\\x1b]0;b (name-not-found)",
        "interrupted by SIGINT",
    ]


def test_a_listed_port_that_is_not_open_says_why_and_who_said_so(capfd):
    told = [PortResult("10.0.0.1", 23, FILTERED, "admin-prohibited", 0.5, "10.0.0.254")]
    tell(Terminal(), finish(scan_run(1), {"filtered": 1}), told)
    out, err = capfd.readouterr()
    assert out == "10.0.0.1:23  filtered  telnet  500 ms  admin-prohibited from 10.0.0.254\n"
    assert err == "0 open; 1 filtered; 1 host; 1.25 s\n"


def test_names_cannot_move_the_cursor(capfd):
    tell(
        Terminal(quiet=True),
        finish(ping_run()),
        [HostResult("10.0.0.1", UP, "echo-reply", 0.1)],
        {"10.0.0.1": ["\x1b[2J\udc9b"]},
    )
    assert capfd.readouterr().out == "10.0.0.1  100 ms  \\x1b[2J\\x9b\n"


def test_standard_output_may_belong_to_somebody_else(capfd):
    tell(Terminal(results=False), finish(scan_run(1), {"open": 1}), [open_port()])
    out, err = capfd.readouterr()
    assert (out, err) == ("", "1 open; 1 host; 1.25 s\n")


def test_many_lines_are_few_writes(capfd, monkeypatch):
    writes = []
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: writes.append(fd) or real(fd, data))
    terminal = Terminal(quiet=True)
    terminal.begin(scan_run())
    for port in range(1000):
        terminal.result(open_port(port=port))
    terminal.flush()
    assert len(writes) == 2
    assert len(capfd.readouterr().out.splitlines()) == 1000


@pytest.mark.parametrize(
    ("is_terminal", "environment", "expected"),
    [
        (True, {"TERM": "xterm"}, True),
        (False, {"TERM": "xterm"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(is_terminal, environment, expected):
    assert wants_colour(is_terminal, environment) is expected


def test_colour_leaves_the_address_plain(capfd):
    tell(Terminal(quiet=True, colour=True), finish(scan_run(1)), [open_port()])
    assert capfd.readouterr().out == "10.0.0.1:22  \x1b[32mopen\x1b[0m  ssh  0.30 ms\n"


FLOOD = """
import sys
from shoal.output.terminal import Terminal
from shoal.scanner.result import PortResult, Run
terminal = Terminal()
run = Run(ports_per_address=65535, addresses=1)
try:
    terminal.begin(run)
    for port in range(1, 65536):
        terminal.result(PortResult("127.0.0.1", port, "open", "syn-ack", 0.001))
        terminal.flush()
    terminal.end(run)
except BrokenPipeError:
    print("this must not disturb the end of the process")
    sys.exit(0)
sys.exit("the pipe was never closed")
"""


def test_head_ends_quietly(python):
    with subprocess.Popen([python, "-c", FLOOD], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        first = child.stdout.readline()
        child.stdout.close()
        errors = child.stderr.read()
    assert first == b"127.0.0.1:1  open  tcpmux  1.0 ms\n"
    assert (child.returncode, errors) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_behind_standard_output_is_one_sentence(capfd, monkeypatch):
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr("shoal.output.files.STDOUT_FD", full)
    terminal = Terminal()
    terminal.result(open_port())
    with pytest.raises(MachineError, match=r"cannot write to standard output: No space left on device \(ENOSPC\)"):
        terminal.flush()
    os.close(full)


ON_A_TERMINAL = """
from shoal.output.progress import Progress
from shoal.output.terminal import Terminal
from shoal.scanner.result import PortResult, Run
progress = Progress(0.0)
terminal = Terminal(quiet=True, progress=progress)
run = Run(ports_per_address=2, addresses=1)
terminal.begin(run)
progress.tick(0.6, 1, 2, 0)
terminal.result(PortResult("127.0.0.1", 22, "open", "syn-ack", 0.001))
terminal.flush()
progress.tick(0.8, 2, 2, 1)
terminal.end(run)
"""


def test_result_lines_and_the_progress_line_share_a_terminal(python):
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
    try:
        subprocess.run(
            [python, "-c", ON_A_TERMINAL], stdin=slave, stdout=slave, stderr=slave, env=environment, check=True
        )
        seen = os.read(master, 65536).decode().replace("\r\n", "\n")
    finally:
        os.close(slave)
        os.close(master)
    before, erase, after = seen.partition("\r\x1b[K")
    assert before.startswith("\r[")
    assert "50 %  1/2" in before
    assert after.startswith("127.0.0.1:22     open  ssh         1.0 ms\n\r[")
    assert after.endswith(erase)


def test_progress_off_a_terminal_is_silent(capfd):
    progress = Progress(0.0)
    progress.tick(100.0, 1, 2, 0)
    progress.hide()
    assert capfd.readouterr() == ("", "")
