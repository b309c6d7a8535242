"""Real echo: raw and datagram sockets, IPv4 and IPv6, routers and firewalls that refuse, and no permission at all."""

import _socket
import json
import os
import socket

import pytest

from shoal.lab.network import POWERLESS, REJECTS, Link
from shoal.net.targets import TargetSet, parse
from shoal.scanner.engines.echo_socket import EchoSocket, NoEcho, not_permitted, open_echo
from shoal.scanner.engines.icmp import IcmpEngine
from shoal.scanner.probes import Job
from shoal.scanner.result import DOWN, ERROR, UP

CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from shoal.net.targets import TargetSet, parse
from shoal.scanner.engines.icmp import IcmpEngine, not_permitted
from shoal.scanner.engines.echo_socket import open_for
from shoal.scanner.probes import Job
targets = TargetSet([parse(text) for text in sys.argv[2:]])
told = [r.as_dict() for batch in IcmpEngine(Job(targets)).run() for r in batch.results]
kinds = [getattr(line, "kind", None) for line in open_for(targets)]
print(json.dumps([told, kinds, not_permitted(targets)]))
"""
SOURCE = os.path.join(os.path.dirname(__file__), "..", "..", "src")
OPEN_TO_ALL = {"net.ipv4.ping_group_range": "0 2147483647"}


@pytest.fixture
def echo_allowed():
    """Skips where this user may send no echo request at all."""
    why = not_permitted(TargetSet([parse("127.0.0.1")]))
    if why:
        pytest.skip(why)


def ping(*targets, **wishes):
    """Results by address, from an engine that opens its own sockets."""
    job = Job(TargetSet([parse(text) for text in targets]), **wishes)
    return {result.address: result for batch in IcmpEngine(job).run() for result in batch.results}


def said(results, address):
    result = results[address]
    return result.state, result.reason


def child(net, python, user, *targets):
    """(results, kinds of socket, sentence) of a process in the scanner's namespace, as another user."""
    done = net.run([python, "-I", "-c", CHILD, os.path.realpath(SOURCE), *targets], user=user)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_all_of_loopback_answers(echo_allowed):
    results = ping("127.0.0.0/24")
    assert len(results) == 256
    assert {result.state for result in results.values()} == {UP}
    assert all(0 < result.rtt < 0.5 for result in results.values())


def test_ipv6_loopback_answers_beside_ipv4(echo_allowed):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as asking:
            asking.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback address")
    results = ping("::1", "127.0.0.1")
    assert said(results, "::1") == said(results, "127.0.0.1") == (UP, "echo-reply")


def test_descriptors_are_given_back_even_by_a_sweep_that_is_abandoned(echo_allowed):
    batches = IcmpEngine(Job(TargetSet([parse("127.0.0.0/20")]))).run()
    next(batches)
    batches.close()


@pytest.mark.parametrize("user", [None, POWERLESS])
def test_live_and_silent_hosts_are_told_apart_by_raw_and_datagram_sockets(network, python, user):
    net = network(silent=["10.77.0.128/25", "fd00:77::8/125"], scanner_sysctls=OPEN_TO_ALL)
    told, kinds, why = child(net, python, user, "10.77.0.0/24", "fd00:77::/124")
    assert kinds == ["datagram", "datagram"]
    assert why is None
    up = {result["address"] for result in told if result["state"] == UP}
    assert up == {f"10.77.0.{n}" for n in range(128)} | {"fd00:77::"} | {f"fd00:77::{n}" for n in range(1, 8)}
    assert len(told) == 256 + 16


def test_a_raw_socket_does_the_same_where_datagrams_are_forbidden(network):
    net = network(silent=["10.77.0.128/25", "fd00:77::8/125"])
    with net.inside():
        line = open_echo(4)
        assert line.kind == "raw"
        line.close()
        results = ping("10.77.0.0/24", "fd00:77::/124")
    up = {address for address, result in results.items() if result.state == UP}
    assert up == {f"10.77.0.{n}" for n in range(128)} | {"fd00:77::"} | {f"fd00:77::{n}" for n in range(1, 8)}


def test_without_permission_the_sentence_says_what_would_help(network, python):
    net = network()
    told, kinds, why = child(net, python, POWERLESS, "10.77.0.1")
    assert kinds == [None]
    assert 'sysctl -w net.ipv4.ping_group_range="0 2147483647"' in why
    assert "setcap cap_net_raw+ep" in why
    assert [(result["state"], result["reason"]) for result in told] == [(ERROR, "icmp-not-permitted")]


def test_nobody_is_not_permitted_either(network):
    net = network()
    pid = os.fork()
    if not pid:
        with net.inside():
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            os._exit(0 if isinstance(open_echo(4), NoEcho) and open_echo(6).permission else 1)
    assert os.waitpid(pid, 0)[1] == 0


def test_link_local_hosts_are_asked_in_their_zone(network):
    net = network()
    net.scanner.ip("addr add fe80::1/64 dev near nodad")
    net.target.ip("addr add fe80::2/64 dev far nodad")
    with net.inside():
        results = ping("fe80::2%near", "fe80::2%lo", "fe80::2%nowhere", "127.0.0.1")
    assert said(results, "fe80::2%near") == said(results, "127.0.0.1") == (UP, "echo-reply")
    assert results["fe80::2%lo"].state != UP
    assert said(results, "fe80::2%nowhere") == (ERROR, "no-such-interface")


@pytest.mark.parametrize("user", [None, POWERLESS])
def test_routes_that_refuse_are_errors_of_this_machine(network, python, user):
    routes = {"10.77.1.0/31": "prohibit", "10.77.1.2/31": "unreachable", "10.77.1.4/31": "blackhole"}
    net = network(scanner_routes=routes, scanner_sysctls=OPEN_TO_ALL)
    told, _, _ = child(net, python, user, "10.77.1.0/29", "10.76.0.255", "10.78.0.1")
    states = {result["address"]: (result["state"], result["reason"]) for result in told}
    assert states["10.77.1.0"] == (ERROR, "prohibited-route")
    assert states["10.77.1.2"] == (ERROR, "unreachable-route")
    assert states["10.77.1.4"] == (ERROR, "blackhole-route")
    assert states["10.77.1.6"] == states["10.77.1.7"] == (UP, "echo-reply")
    assert states["10.76.0.255"] == (ERROR, "broadcast")
    assert states["10.78.0.1"] == (ERROR, "no-route")


@pytest.mark.parametrize("user", [None, POWERLESS])
@pytest.mark.parametrize("reason", ["host-prohibited", "port-unreach", "admin-prohibited"])
def test_a_host_that_rejects_pings_by_itself_is_up(network, python, user, reason):
    rule = f"ip daddr 10.77.0.2 icmp type echo-request {REJECTS[reason]}"
    net = network(target_rules=[rule], scanner_sysctls=OPEN_TO_ALL)
    told, _, _ = child(net, python, user, "10.77.0.0/30")
    states = {result["address"]: (result["state"], result["reason"], result["source"]) for result in told}
    assert states["10.77.0.2"] == (UP, reason, "10.77.0.2")
    assert {state for address, state in states.items() if address != "10.77.0.2"} == {(UP, "echo-reply", None)}


@pytest.mark.parametrize("user", [None, POWERLESS])
def test_a_router_that_says_unreachable_is_named(network, python, user):
    net = network(target_routes={"10.77.0.2/32": "unreachable"}, scanner_sysctls=OPEN_TO_ALL)
    told, _, _ = child(net, python, user, "10.77.0.0/30")
    states = {result["address"]: (result["state"], result["reason"], result["source"]) for result in told}
    assert states["10.77.0.2"] == (DOWN, "host-unreach", "10.76.0.2")
    assert len([state for state in states.values() if state[0] == UP]) == 3


@pytest.mark.parametrize("refusal", ["drop", REJECTS["host-prohibited"]])
def test_a_firewall_of_this_machine_makes_no_host(network, refusal):
    net = network(scanner_rules=[f"ip daddr 10.77.0.2 {refusal}"])
    with net.inside():
        results = ping("10.77.0.0/30")
    assert said(results, "10.77.0.2") == (ERROR, "local-firewall")
    assert {result.state for result in results.values()} == {UP, ERROR}


def test_a_distant_lossy_network_is_found_complete(network):
    net = network(link=Link(rtt=0.02, loss=0.05))
    with net.inside():
        results = ping("10.77.0.0/24")
    assert {result.state for result in results.values()} == {UP}
    assert min(result.rtt for result in results.values()) >= 0.0199


def test_answers_to_another_sweep_are_not_taken(network):
    """Two raw sockets hear each other's replies; each believes only its own."""
    net = network(silent=["10.77.0.1/32"])
    with net.inside():
        line, other = EchoSocket(_socket.AF_INET, _socket.SOCK_RAW), EchoSocket(_socket.AF_INET, _socket.SOCK_RAW)
        other.send(other.echo.request, ("10.77.0.2", 0))
        engine = IcmpEngine(Job(TargetSet([parse("10.77.0.0/30")])), [line])
        results = {result.address: result for batch in engine.run() for result in batch.results}
        other.close()
    assert results["10.77.0.1"].state == DOWN
    assert engine.ignored == 1
