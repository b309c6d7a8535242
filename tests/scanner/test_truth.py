"""The TCP engine against real kernels, firewalls and routes, in namespaces: what it says is what is so."""

import json
import os
from collections import Counter

import pytest

from shoal.lab.network import POWERLESS, REJECTS, Link
from shoal.net.targets import TargetSet, parse
from shoal.scanner.engines.connect import ConnectEngine
from shoal.scanner.engines.poller import EpollPoller, SelectorPoller
from shoal.scanner.probes import Job

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PMAP = os.path.join(ROOT, "pmap.py")
pollers = pytest.mark.parametrize("make_poller", [EpollPoller, SelectorPoller])


def targets(*expressions):
    return TargetSet([parse(expression) for expression in expressions])


def scan(job, poller=None, sockets=None):
    engine = ConnectEngine(job, sockets, poller)
    return [result for batch in engine.run() for result in batch.results]


def state_of(results):
    return {(result.address, result.port): (result.state, result.reason, result.source) for result in results}


def rules():
    """One address for each way a firewall says no."""
    return {f"10.77.0.{number}": name for number, name in enumerate(REJECTS, 10)}


@pollers
def test_every_way_a_firewall_says_no_has_its_own_reason(network, make_poller):
    lines = [f"ip daddr {address} tcp dport 80 {REJECTS[name]}" for address, name in rules().items()]
    net = network(ports=[22], target_rules=lines)
    with net.inside():
        results = scan(Job(targets(*rules()), (22, 80)), make_poller())
    found = state_of(results)
    for address, name in rules().items():
        assert found[address, 22] == ("open", "syn-ack", None)
        if name == "reset":
            expected = ("closed", "conn-refused", None)
        elif name == "no-response":
            expected = ("filtered", "no-response", None)
        else:
            expected = ("filtered", name, address)
        assert found[address, 80] == expected, name


def test_a_user_without_any_capability_sees_the_same(network, python, tmp_path):
    lines = [f"ip daddr {address} tcp dport 80 {REJECTS[name]}" for address, name in rules().items()]
    net = network(ports=[22], target_rules=lines)
    command = [python, PMAP, "-f", "tcp", "-p", "22,80", "-ip", "10.77.0.10-10.77.0.18", "-w", "json:-", "-q"]
    done = net.run(command, user=POWERLESS)
    assert done.returncode == 0, done.stderr
    folded = {
        host["address"]: {fold["reason"]: fold["ports"] for fold in host["not_shown"]}
        for host in json.loads(done.stdout)["hosts"]
    }
    expected = {address: {"conn-refused" if name == "reset" else name: "80"} for address, name in rules().items()}
    assert folded == expected


@pytest.mark.parametrize(
    ("route", "reason"),
    [("unreachable", "unreachable-route"), ("prohibit", "prohibited-route"), ("blackhole", "blackhole-route")],
)
def test_a_route_that_refuses_here_is_an_error_not_a_port_state(network, route, reason):
    net = network(ports=[22], scanner_routes={"10.77.3.0/24": route})
    with net.inside():
        found = state_of(scan(Job(targets("10.77.3.1", "10.77.4.1"), (22,))))
    assert found["10.77.3.1", 22] == ("error", reason, None)
    assert found["10.77.4.1", 22] == ("open", "syn-ack", None)


def test_a_local_firewall_that_rejects_is_named_by_its_address(network):
    net = network(ports=[22], scanner_rules=[f"ip daddr 10.77.0.9 tcp dport 22 {REJECTS['port-unreach']}"])
    with net.inside():
        ((state, reason, source),) = state_of(scan(Job(targets("10.77.0.9"), (22,)))).values()
    assert (state, reason) == ("filtered", "port-unreach")
    assert source


def test_nothing_is_missed_at_20_ms_and_5_percent_loss_each_way(network):
    listening = list(range(32, 1025, 32))
    net = network(ports=listening, link=Link(rtt=0.020, loss=0.05, seed=7))
    with net.inside():
        for _ in range(3):
            results = scan(Job(targets("10.77.0.1"), range(1, 1025)))
            assert [
                result.port for result in sorted(results, key=lambda r: r.port) if result.state == "open"
            ] == listening
            assert len(results) == 1024


def test_a_firewall_that_drops_nearly_everything_is_seen_through(network):
    listening = [22, 80, 443, 999]
    dropped = [port for port in range(1, 1025) if port not in listening]
    net = network(ports=listening, link=Link(rtt=0.020, drop_ports=dropped))
    with net.inside():
        results = scan(Job(targets("10.77.0.1"), range(1, 1025)))
    assert Counter((result.state, result.reason) for result in results) == {
        ("open", "syn-ack"): 4,
        ("filtered", "no-response"): 1020,
    }


def test_64_descriptors_are_enough_for_65535_ports(network, python, tmp_path):
    net = network(ports=[1, 22, 8080, 65535])
    command = f"ulimit -n 64 && exec {python} {PMAP} -f tcp -p - -ip 10.77.0.1 -w {tmp_path / 'r.json'}"
    done = net.run(["sh", "-c", command])
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "r.json").read_text())
    assert [port["port"] for port in result["hosts"][0]["ports"]] == [1, 22, 8080, 65535]
    assert result["counts"] == {"open": 4, "closed": 65531}


def test_a_handful_of_ephemeral_ports_is_enough(network):
    net = network(ports=[22], scanner_sysctls={"net.ipv4.ip_local_port_range": "40000 40007"})
    with net.inside():
        results = scan(Job(targets("10.77.0.1"), range(1, 513)))
    assert Counter(result.state for result in results) == {"open": 1, "closed": 511}


def test_n_is_never_exceeded_on_the_wire(network):
    """All 40 ports are silent: a count of sockets in SYN-SENT is the number of conversations in flight."""
    net = network(silent=["10.77.0.1"])
    with net.inside():
        engine = ConnectEngine(Job(targets("10.77.0.1"), range(1, 41), ceiling=5, tries=1))
        most = 0
        for _ in engine.run():
            with open("/proc/thread-self/net/tcp") as table:
                most = max(most, sum(line.split()[3] == "02" for line in table.readlines()[1:]))
        assert engine.settled == 40
    assert most <= 5
