"""The programs of examples/concurrency show what they promise, and end cleanly."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parents[2] / "examples" / "concurrency"

# What each must print, line by line; a line is a regular expression for the whole line.
SHOWN = {
    "condition": [
        "an empty table, 0.05 s of patience: False",
        "after a ring without bread: 0",
        "in the end: 3 served, 0 slices left",
        "a lock taken twice by its holder, sum: 0",
    ],
    "coroutine_pool": [
        "1000 results, at most 100 at once, together",
        r"one failed, and says why: \['nobody answered 13'\]",
        "an endless input, ten taken; tasks left: 0",
    ],
    "event": [
        "before set, within 0.05 s: False - gone: 0",
        "after set, gone: 3 - a latecomer waits: False",
        "after clear: False",
    ],
    "fetch_callbacks": ["9 callbacks, 1 errback: /7: HTTP/1.1 500 .*", "63 characters in all, together"],
    "gil": [
        r"lock (on|off), \d+ cores",
        *[r"computing (one after another|threads|processes) +\d+ ms"] * 3,
        "computing the same results all ways: True",
        *[r"waiting   (one after another|threads|processes) +\d+ ms"] * 3,
        "waiting   the same results all ways: True",
    ],
    "join_and_daemon": [
        "hello shoal from greeter",
        "exit code of one that ends well: 0",
        r"after join\(0.05\) the sleeper is alive: True with exit code None",
        "active children: 1",
        r"exit code after terminate \(minus SIGTERM\): -15",
        "countdown-3: exit code 7, left here 3: the child counted its own copy",
        "the parent of a daemon is done",
        "and did not wait for it: True",
    ],
    "network_queue": ["a wrong key: refused: .*", "6 pictures, each once: True", "exit codes: 0 0"],
    "pipe_both_ways": [
        "cod -> COD",
        "eel -> EEL",
        r"anything more\? False",
        "child ended with exit code 0",
        "three writers under a lock, all messages whole: True",
    ],
    "priority_and_lifo": [
        "by priority: robots.txt, front page, page 1, page 2",
        r"first in, first out \(breadth first\): / /a /b /a/1 /a/2 /b/1",
        r"last in, first out \(depth first\): / /b /b/1 /a /a/2 /a/1",
    ],
    "process_pool": [
        r"map: \[1, 4, 16\]",
        r"imap_unordered, sorted: \[1, 4, 16\]",
        "processes at work: [12]",
        "apply_async: 25",
        "an error comes out where the result is asked for: three is not to my taste",
        r"callbacks were told: \['36', 'three is not to my taste'\]",
        "no result within 0.1 s; the task still runs, so the pool is terminated",
        "children left: 0",
    ],
    "producers_consumers": [
        "dealt with 60 of 60, each once: True",
        "at most 4 waited: True",
        "consumers ended, left in the queue: 0",
    ],
    "queue_child_child": [
        "read: plaice sprat herring",
        "exit codes: 0 0",
        "a plain queue as a task's argument: .* through inheritance",
        "read: plaice sprat herring",
        "a manager's queue: wrote 3 read 3",
    ],
    "queue_parent_child": [
        "full: nobody takes, .*",
        "squares: 1 4 9 16 25",
        "empty: the child has ended, .*",
        "square ended with exit code 0",
    ],
    "semaphore": ["ten threads, at most [123] at once", "one release too many: Semaphore released too many times"],
    "shared_value": [
        "without a lock: 2 additions, the number is 1",
        "with its lock: 2000 additions, the number is 2000",
        "array, each half doubled by a process of its own: 0 2 4 6 8 10",
    ],
    "thread_pool": [
        "eight waits of 0.05 s with four threads: together",
        r"map keeps the order: \[0.03, 0.02, 0.01\]",
        r"as_completed gives what is ready: \[0.0, 0.15, 0.3\]",
        r"an error is kept for whoever asks: ConnectionError\('nobody answered'\)",
        "one thread is busy, so the second task has no result within 0.05 s",
        "cancelled: the one that waits True - the one that runs False",
        "threads left beside this one: 0",
    ],
    "timer": [
        "quick work: in time, the watchdog was cancelled",
        "slow work: the watchdog barked",
        "threads left beside this one: 0",
    ],
    "udp_messenger": [r"heard there: \| how are you\? \| 大家好", r"heard here: \| fine \| and you\?"],
}
LAST_OF_GIL = "this interpreter has no way to run without the lock"


def group_is_empty(group: int, patience: float) -> bool:
    """Whether nobody is left in a process group within `patience` seconds (a resource tracker ends a moment later)."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def run(name: str) -> tuple[int, str, str]:
    """Exit status, output and errors of a program; it must leave no process in the group that it had to itself."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", str(PROGRAMS / f"{name}.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONUTF8": "1"},
    ) as program:
        output, errors = program.communicate(timeout=60)
    assert group_is_empty(program.pid, patience=10)
    return program.returncode, output, errors


def test_every_program_is_tried() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.py")} == set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_the_program_shows_what_it_promises_and_ends_cleanly(name: str) -> None:
    status, output, errors = run(name)

    assert (status, errors) == (0, "")
    lines = output.splitlines()
    if name == "gil":  # where both ways can be tried, a second round follows
        lines = [line for line in lines if line != LAST_OF_GIL][: len(SHOWN[name])]
    assert len(lines) == len(SHOWN[name]), output
    for line, shown in zip(lines, SHOWN[name], strict=True):
        assert re.fullmatch(shown, line), f"{line!r} is not {shown!r}"


@pytest.mark.parametrize("name", SHOWN)
def test_the_program_says_what_to_see_and_is_told_in_the_guide(name: str) -> None:
    source = (PROGRAMS / f"{name}.py").read_text()
    guide = (PROGRAMS.parents[1] / "docs" / "concurrency.md").read_text()

    assert "To see:" in source
    assert f"examples/concurrency/{name}.py" in guide


def free_port() -> int:
    """A UDP port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_two_messengers_talk_between_terminals() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(20)
        own = free_port()
        command = [sys.executable, str(PROGRAMS / "udp_messenger.py"), str(own), str(peer.getsockname()[1])]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as messenger:
            assert messenger.stdin is not None
            messenger.stdin.write("hello\n\n")
            messenger.stdin.flush()
            heard = [peer.recv(100), peer.recv(100)]  # once it speaks, it listens
            for message in (b"hello yourself", b""):
                peer.sendto(message, ("127.0.0.1", own))
            told, _ = messenger.communicate(timeout=20)

    assert heard == [b"hello", b""]
    assert (told, messenger.returncode) == ("hello yourself\n", 0)
