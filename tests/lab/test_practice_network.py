"""The practice network is what was ordered: who answers, how late, how often not; and it vanishes."""

from __future__ import annotations

import errno
import os
import re
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from shoal.errors import MachineError
from shoal.lab.network import NOBODY, POWERLESS, REJECTS, Link, network_available
from shoal.lab.relay import SO_RCVBUFFORCE, tcp_destination


def knock(net, address, port, patience=0.15):
    """What connect says from the scanner's side, and after how many seconds."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with net.inside(), socket.socket(family) as s:
        s.settimeout(patience)
        start = time.perf_counter()
        return s.connect_ex((address, port)), time.perf_counter() - start


def echo(net, address, count=1):
    """How many of `count` echo requests came back."""
    said = net.run(["ping", "-n", "-q", "-c", str(count), "-i", "0.002", "-W", "0.5", address]).stdout
    return int(re.search(r"(\d+) received", said)[1])


def test_every_address_of_the_target_is_a_host(network):
    net = network(ports=[80])
    for address in ("10.76.0.2", "10.77.0.0", "10.77.123.45", "10.77.255.255", "fd00:77::1", "fd00:77::ffff"):
        assert knock(net, address, 80, 5)[0] == 0
        assert knock(net, address, 81, 5)[0] == errno.ECONNREFUSED
        assert echo(net, address) == 1


def test_nothing_else_can_be_reached(network):
    net = network()
    routes = net.run(["ip", "route"]).stdout
    assert "default" not in routes
    assert net.run(["ping", "-c1", "-W1", "192.0.2.1"]).returncode == 2


def test_silent_ranges_are_silent_and_the_rest_is_not(network):
    net = network(ports=[80], silent=["10.77.8.0/21"])
    assert echo(net, "10.77.7.255") == 1
    assert echo(net, "10.77.8.0") == 0
    assert knock(net, "10.77.15.255", 80)[0] == errno.EAGAIN
    assert echo(net, "10.77.16.0") == 1


def test_a_whole_range_answers_echo(network):
    net = network(silent=["10.77.0.128/25"])
    said = net.run(["fping", "-q", "-a", "-i", "0", "-r", "1", "-t", "200", "-g", "10.77.0.0", "10.77.1.255"]).stdout
    assert len(said.splitlines()) == 512 - 128


@pytest.mark.parametrize(
    ("reason", "number"),
    [
        ("net-unreach", errno.ENETUNREACH),
        ("host-unreach", errno.EHOSTUNREACH),
        ("proto-unreach", errno.ENOPROTOOPT),
        ("port-unreach", errno.ECONNREFUSED),
        ("net-prohibited", errno.ENETUNREACH),
        ("host-prohibited", errno.EHOSTUNREACH),
        ("admin-prohibited", errno.EHOSTUNREACH),
        ("reset", errno.ECONNREFUSED),
        ("no-response", errno.EAGAIN),
    ],
)
def test_a_firewall_says_no_in_every_way(network, reason, number):
    net = network(ports=[80], target_rules=[f"ip daddr 10.77.0.9 tcp dport 80 {REJECTS[reason]}"])
    assert knock(net, "10.77.0.9", 80)[0] == number
    assert knock(net, "10.77.0.8", 80, 5)[0] == 0


def test_the_scanner_s_own_routes_and_rules_say_no(network):
    kinds = {"unreachable": errno.EHOSTUNREACH, "prohibit": errno.EACCES, "blackhole": errno.EINVAL}
    net = network(
        scanner_routes={f"10.77.{i}.0/24": kind for i, kind in enumerate(kinds)},
        scanner_rules=["ip daddr 10.77.9.9 drop"],
    )
    said = [knock(net, f"10.77.{i}.1", 80)[0] for i in range(3)]
    assert said == list(kinds.values())
    assert knock(net, "10.77.9.9", 80)[0] == errno.EAGAIN


def test_a_target_s_route_that_refuses_sends_icmp(network):
    net = network(target_routes={"10.77.5.0/24": "prohibit"})
    assert "Packet filtered" in net.run(["ping", "-n", "-c1", "-W1", "10.77.5.1"]).stdout


def test_sysctls_and_mtu_are_set(network):
    ports = {"net.ipv4.ip_local_port_range": "40000\t40100"}
    net = network(scanner_sysctls=ports, target_sysctls={"net.ipv4.icmp_echo_ignore_all": "1"}, mtu=1300)
    assert net.run(["cat", "/proc/sys/net/ipv4/ip_local_port_range"]).stdout.split() == ["40000", "40100"]
    assert "mtu 1300" in net.run(["ip", "link", "show", "near"]).stdout
    assert echo(net, "10.77.0.1") == 0


def test_a_sysctl_that_does_not_exist_is_a_clear_error(network):
    with pytest.raises(MachineError, match=r"cannot set net\.nothing to '1': No such file"):
        network(scanner_sysctls={"net.nothing": "1"})


def test_a_wrong_rule_is_a_clear_error(network):
    with pytest.raises(MachineError, match="nft refused"):
        network(target_rules=["nonsense"])


def test_commands_run_with_less_rights(network):
    net = network(ports=[80])
    assert net.run(["id", "-u"], user=NOBODY).stdout == "65534\n"
    status = net.run(["cat", "/proc/self/status"], user=POWERLESS).stdout
    assert re.search(r"CapEff:\s0+\n", status)
    assert net.run(["nmap", "--privileged", "-sS", "-n", "-Pn", "-p80", "10.77.0.1"], user=POWERLESS).returncode != 0


def test_ping_sockets_need_the_group_range(network, python):
    program = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).close()"
    command = [python, "-c", program]
    assert "PermissionError" in network().run(command, user=POWERLESS).stderr
    allowing = network(scanner_sysctls={"net.ipv4.ping_group_range": "0 2147483647"})
    assert allowing.run(command, user=POWERLESS).stderr == ""


def test_children_may_use_the_lab_s_ranges_and_nothing_more(network, python):
    net = network(ports=[80])
    program = "import socket, sys; print(socket.socket().connect_ex((sys.argv[1], 80)))"
    assert net.run([python, "-c", program, "10.77.0.1"]).stdout == "0\n"


@pytest.mark.parametrize("rtt", [0.0, 0.020])
def test_the_round_trip_takes_what_was_asked(network, rtt):
    net = network(ports=[80], link=Link(rtt=rtt))
    took = sorted(knock(net, "10.77.0.1", 80, 5)[1] for _ in range(9))
    assert rtt <= took[0]
    assert took[4] < rtt + 0.005, "median"


def test_loss_is_what_was_asked_each_way_and_the_seed_repeats_it(network):
    counts = []
    for seed in (7, 7, 8):
        net = network(link=Link(loss=0.2, seed=seed))
        arrived, came_back = _throw_and_return(net, 1000)
        net.__exit__(None, None, None)
        near, far = net.relay_counts["near"], net.relay_counts["far"]
        assert (near["seen"], far["seen"]) == (1000, arrived)
        assert (near["lost"], far["lost"]) == (1000 - arrived, arrived - came_back)
        assert arrived == pytest.approx(800, abs=65)  # five standard deviations
        assert came_back == pytest.approx(640, abs=78)
        counts.append((near, far))
    assert counts[0] == counts[1] != counts[2]


def _throw_and_return(net, count):
    """Send that many datagrams, send back those that arrive; how many did, and how many came back."""
    with net.target.inside():
        far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        far.bind(("10.77.0.1", 7))
    with net.inside():
        near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        near.bind(("10.76.0.1", 7))
    with far, near, net.inside():
        for s in (far, near):
            s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        for _ in range(count):
            near.sendto(b"x", ("10.77.0.1", 7))
        arrived = _drain(far)
        for _ in range(arrived):
            far.sendto(b"x", ("10.76.0.1", 7))
        return arrived, _drain(near)


def _drain(s, silence=0.1):
    """How many datagrams come until none comes for so many seconds."""
    s.settimeout(silence)
    count = 0
    try:
        while s.recv(16):
            count += 1
    except TimeoutError:
        pass
    return count


def test_ports_that_are_dropped_on_the_way_are_silent(network):
    net = network(ports=[80, 81], link=Link(drop_ports=[81, 82]))
    said = [knock(net, address, port)[0] for address in ("10.77.0.1", "fd00:77::1") for port in (80, 81, 82, 83)]
    assert said == [0, errno.EAGAIN, errno.EAGAIN, errno.ECONNREFUSED] * 2
    net.__exit__(None, None, None)
    assert net.relay_counts["near"]["dropped"] == 4


def test_the_relay_keeps_up_with_a_burst(network):
    """4,096 hosts pinged at once: every frame passes, both ways. Usually in 0.3 s; the bound is for a busy machine."""
    net = network(link=Link(rtt=0.002))
    start = time.perf_counter()
    net.run(["fping", "-q", "-i", "0", "-r", "0", "-t", "100", "-g", "10.77.0.0", "10.77.15.255"])
    took = time.perf_counter() - start
    net.__exit__(None, None, None)
    assert net.relay_counts == {side: {"seen": 4096, "lost": 0, "dropped": 0} for side in ("near", "far")}
    assert took < 2


def test_big_transfers_pass_the_relay(network):
    """Segmentation offload makes frames bigger than the wire; they arrive whole."""
    net = network(link=Link(rtt=0.001))
    with net.target.inside():
        listener = socket.create_server(("10.77.0.1", 5000))
    with listener, net.inside(), socket.create_connection(("10.77.0.1", 5000), timeout=5) as sender:
        receiver, _ = listener.accept()
        sent = os.urandom(500_000)
        feeder = threading.Thread(target=lambda: (sender.sendall(sent), sender.shutdown(socket.SHUT_WR)))
        feeder.start()
        with receiver, receiver.makefile("rb") as whole:
            assert whole.read() == sent
        feeder.join()


def test_the_namespace_is_gone_after_the_block(network):
    net = network(ports=[80], link=Link())
    numbers = {net.scanner.identity, net.target.identity}
    assert len(numbers) == 2
    assert net.target.identity in _namespaces_in_use()  # the listener's
    net.__exit__(None, None, None)
    assert not numbers & _namespaces_in_use()


def test_nothing_is_left_when_the_process_is_killed(network, python):
    program = """if True:
        import os, signal
        from shoal.lab.network import Link, Network
        with Network(ports=[80], link=Link()) as net:
            print(net.scanner.identity, net.target.identity, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    numbers = {int(word) for word in done.stdout.split()}
    assert done.returncode == -9
    assert len(numbers) == 2
    assert not numbers & _namespaces_in_use()


def test_without_rights_the_reason_is_told(network, python):
    program = "from shoal.lab.network import network_available; print(network_available())"
    said = network().run([python, "-c", program], user=POWERLESS).stdout
    assert said == "cannot use network namespaces (unshare): Operation not permitted (EPERM)\n"
    assert network_available() is None


def test_the_destination_port_is_found_behind_options_and_in_ipv6():
    ethernet = bytes(12)
    ipv4 = bytes([0x46, *[0] * 8, 6, *[0] * 14])  # 24 bytes of header: one option
    segment = bytes([0, 1, 1, 187])
    assert tcp_destination(ethernet + b"\x08\x00" + ipv4 + segment) == 443
    assert tcp_destination(b"??" + ethernet + b"\x08\x00" + ipv4 + segment, 2) == 443
    assert tcp_destination(ethernet + b"\x86\xdd" + bytes([0x60, *[0] * 5, 6, *[0] * 33]) + segment) == 443
    assert tcp_destination(ethernet + b"\x08\x06" + bytes(40)) is None


def _namespaces_in_use():
    """The network namespaces any process is in."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            found.add(os.stat(link).st_ino)
        except OSError:  # the process has just ended
            continue
    return found
