"""The guard refuses before a packet leaves, sees every door, and costs little."""

from __future__ import annotations

import _socket
import asyncio
import contextlib
import os
import socket
import subprocess
import threading
import time

import pytest
from shoal_guard import OutsideTraffic, grounds

children, descriptors = grounds.children, grounds.descriptors
left_behind, outside_attempts = grounds.left_behind, grounds.outside_attempts
OUTSIDE = ("192.0.2.1", 9)


@pytest.fixture
def refusals(fenced):
    """The attempts the guard wrote down, which this test makes on purpose; asked for once more, it is clean."""
    yield outside_attempts
    outside_attempts()


@pytest.mark.parametrize("make", [socket.socket, _socket.socket])
@pytest.mark.parametrize("door", ["connect", "connect_ex"])
def test_a_connection_to_the_outside_is_refused(refusals, make, door):
    s = make(socket.AF_INET, socket.SOCK_STREAM)
    try:
        with pytest.raises(OutsideTraffic, match=r"192\.0\.2\.1"):
            getattr(s, door)(OUTSIDE)
        assert s.getsockname()[1] == 0, "the kernel was asked: it has chosen a port"
    finally:
        s.close()


@pytest.mark.parametrize("address", [OUTSIDE, ("10.77.0.1", 9), ("0.0.0.0", 9), ("255.255.255.255", 9)])
def test_a_datagram_to_the_outside_is_refused(refusals, address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for send in (lambda: s.sendto(b"x", address), lambda: s.sendmsg([b"x"], [], 0, address)):
            with pytest.raises(OutsideTraffic):
                send()


@pytest.mark.parametrize("name", ["example.org", b"example.org", "192.0.2.1", "127.example.org", "localhost.example"])
def test_names_are_not_asked_for(refusals, name):
    with pytest.raises(OutsideTraffic):
        socket.getaddrinfo(name, 80)
    with pytest.raises(OutsideTraffic):
        socket.gethostbyname(os.fsdecode(name))
    with pytest.raises(OutsideTraffic):
        socket.gethostbyaddr("127.0.0.2")


def test_asyncio_is_fenced_too(refusals):
    with pytest.raises(OutsideTraffic):
        asyncio.run(asyncio.open_connection(*OUTSIDE))


def test_a_swallowed_refusal_is_remembered(refusals):
    with socket.socket() as s, contextlib.suppress(Exception):
        s.connect_ex(OUTSIDE)
    assert "192.0.2.1" in refusals()[0]
    assert refusals() == []


def test_child_processes_are_fenced_and_remembered(refusals, python):
    program = (
        "import socket\ntry: socket.socket().connect(('192.0.2.1', 9))\nexcept Exception as e: print(type(e).__name__)"
    )
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "OutsideTraffic\n"
    assert "192.0.2.1" in refusals()[0]


def test_this_machine_may_be_talked_to(open_ports):
    port = open_ports(1).ports[0]
    for address in ("127.0.0.1", "localhost"):
        with socket.create_connection((address, port), timeout=5):
            pass
    assert socket.getaddrinfo("localhost", port)
    with socket.socket(socket.AF_INET6) as s, socket.socket(socket.AF_UNIX) as u:
        assert s.connect_ex(("::1", 1)) != 0
        assert u.connect_ex("/nowhere/at/all") != 0


def test_a_lab_address_is_allowed_inside_the_lab_only(network, refusals):
    net = network(ports=[80])
    with net.inside(), socket.create_connection(("10.77.1.2", 80), timeout=5):
        pass
    with net.inside(), socket.socket() as s, pytest.raises(OutsideTraffic):
        s.connect(OUTSIDE)
    with socket.socket() as s, pytest.raises(OutsideTraffic):
        s.connect(("10.77.1.2", 80))


def test_the_guard_costs_little():
    """65,535 connects must stay quick: the check itself stays below 2 us each, even on a busy machine."""
    from shoal_guard import check

    arguments = (object(), ("127.0.0.1", 80))
    best = min(_timed(check, "socket.connect", arguments) for _ in range(5))
    assert best < 2e-6


def _timed(call, *arguments):
    start = time.perf_counter()
    for _ in range(2000):
        call(*arguments)
    return (time.perf_counter() - start) / 2000


def test_left_over_descriptors_threads_and_processes_are_seen(python, monkeypatch):
    monkeypatch.setitem(left_behind.__globals__, "GRACE", 0.0)
    before = set(threading.enumerate()), children()  # what stands for the whole run
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="forgotten")
    s = socket.socket()
    thread.start()
    process = subprocess.Popen([python, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)
    try:
        words = left_behind(descriptors() - {s.fileno()}, *before)
        assert f"descriptor {s.fileno()} (socket:" in words[0]
        assert words[1:] == ["thread forgotten", f"child process {process.pid}"]
    finally:
        stop.set()
        thread.join()
        s.close()
        process.communicate()
