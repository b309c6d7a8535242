"""Practice ports behave as their kind says, on any loopback address, and vanish."""

from __future__ import annotations

import errno
import os
import socket
import subprocess

import pytest

from shoal.errors import MachineError
from shoal.lab.ports import ClosedPorts, OpenPorts, ResettingPorts, SilentPorts

SILENCE = 0.2  # seconds; an answer on loopback takes a thousandth of that


def knock(address, port, patience=SILENCE):
    """What connect says: 0, an errno, or EAGAIN when nothing came in time."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(patience)
        return s.connect_ex((address, port))


def test_open_ports_accept_again_and_again():
    with OpenPorts("127.0.7.1", 3) as host:
        assert len(host.ports) == 3
        assert [knock("127.0.7.1", port, 5) for port in host.ports * 20] == [0] * 60


def test_an_open_port_closes_politely():
    with OpenPorts() as host, socket.create_connection(("127.0.0.1", host.ports[0]), timeout=5) as s:
        assert s.recv(1) == b""


def test_a_resetting_port_breaks_off():
    with ResettingPorts() as host, socket.socket() as s, pytest.raises(ConnectionResetError):
        s.connect(("127.0.0.1", host.ports[0]))
        s.recv(1)


def test_closed_ports_refuse_and_stay_taken():
    with ClosedPorts("127.0.7.2", 2) as host:
        assert [knock("127.0.7.2", port, 5) for port in host.ports] == [errno.ECONNREFUSED] * 2
        with (
            pytest.raises(MachineError, match=f"port {host.ports[0]}: Address already in use"),
            OpenPorts("127.0.7.2", host.ports),
        ):
            pass


def test_silent_ports_are_silent_every_time():
    with SilentPorts("127.0.7.3", 2) as host:
        assert [knock("127.0.7.3", port) for port in host.ports * 2] == [errno.EAGAIN] * 4


def test_a_thousand_silent_ports_do_not_need_our_descriptors():
    before = len(os.listdir("/proc/self/fd"))
    with SilentPorts("127.0.7.4", 1000) as host:
        assert len(set(host.ports)) == 1000
        assert len(os.listdir("/proc/self/fd")) - before == 2  # its input and its output
        assert knock("127.0.7.4", host.ports[999]) == errno.EAGAIN


def test_one_address_can_have_ports_of_every_kind():
    with OpenPorts("127.0.7.5", 1) as a, ClosedPorts("127.0.7.5", 1) as b, SilentPorts("127.0.7.5", 1) as c:
        said = [knock("127.0.7.5", port) for port in a.ports + b.ports + c.ports]
    assert said == [0, errno.ECONNREFUSED, errno.EAGAIN]


def test_the_same_port_is_another_one_on_another_address():
    with OpenPorts("127.0.7.6", 1) as host:
        assert knock("127.0.7.7", host.ports[0], 5) == errno.ECONNREFUSED


def test_ipv6_loopback_too():
    with OpenPorts("::1", 1) as host, SilentPorts("::1", 1) as silent:
        assert knock("::1", host.ports[0], 5) == 0
        assert knock("::1", silent.ports[0]) == errno.EAGAIN


def test_ports_asked_for_by_number_are_given_once_and_in_order():
    with OpenPorts("127.0.7.8", 3) as free:
        wanted = free.ports
    with OpenPorts("127.0.7.8", [*reversed(wanted), wanted[0]]) as host:
        assert host.ports == wanted


def test_a_port_that_is_taken_is_a_clear_error():
    with OpenPorts("127.0.7.9", 1) as host, pytest.raises(MachineError) as problem, OpenPorts("127.0.7.9", host.ports):
        pass
    assert str(problem.value) == f"cannot set up listener.py: 127.0.7.9: port {host.ports[0]}: Address already in use"


def test_ports_are_gone_after_the_block_even_after_an_exception():
    with pytest.raises(ZeroDivisionError), OpenPorts("127.0.7.10", 1) as host:
        1 / 0  # noqa: B018
    assert knock("127.0.7.10", host.ports[0], 5) == errno.ECONNREFUSED


def test_ports_end_with_their_life():
    with OpenPorts("127.0.7.11", 1, life=0.01) as host:
        host._child._process.wait(5)
        assert knock("127.0.7.11", host.ports[0], 5) == errno.ECONNREFUSED


def test_ports_end_when_their_parent_is_killed(python):
    program = """if True:
        import os, signal, sys
        from shoal.lab.ports import OpenPorts
        with OpenPorts("127.0.7.12", 1) as host:
            print(host._child.pid, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    # the orphan holds our end of its standard error, so communicate() returns when both are gone
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == -9
    assert not os.path.exists(f"/proc/{done.stdout.strip()}/exe")
