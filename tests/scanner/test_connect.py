"""The TCP engine: on paper, where every moment is exact, and on real sockets."""

import errno
from collections import Counter
from itertools import pairwise

import pytest
from simulated_net import CLOSED, OPEN, SILENT, Answer, World

from shoal.net.targets import TargetSet, parse
from shoal.pace.order import Shard
from shoal.pace.timing import BLIND_TIMEOUT
from shoal.scanner.engines.connect import ConnectEngine
from shoal.scanner.engines.poller import EpollPoller, SelectorPoller
from shoal.scanner.probes import Job


def targets(*expressions):
    return TargetSet([parse(expression) for expression in expressions])


def engine_in(world, job, sockets=None):
    return ConnectEngine(job, sockets or 4096, world, world.clock, world.open_stream)


def results_of(engine):
    return [result for batch in engine.run() for result in batch.results]


def states(results):
    return Counter((result.state, result.reason) for result in results)


def scan_in(world, job):
    results = results_of(engine_in(world, job))
    keys = [(result.address, result.port) for result in results]
    assert len(set(keys)) == len(keys), "a probe was settled twice"
    assert not world.streams, "a socket was left open"
    return results


both_ways = pytest.mark.parametrize("reuses", [True, False], ids=["epoll", "selectors"])


@both_ways
def test_open_closed_and_filtered_are_told_apart(reuses):
    world = World(lambda _, port: {22: OPEN, 80: CLOSED}.get(port, SILENT), reuses=reuses)
    results = scan_in(world, Job(targets("10.0.0.1"), (22, 80, 443)))
    assert {result.port: (result.state, result.reason) for result in results} == {
        22: ("open", "syn-ack"),
        80: ("closed", "conn-refused"),
        443: ("filtered", "no-response"),
    }


def test_the_round_trip_is_the_peers():
    world = World(lambda _, port: Answer(0, rtt=0.045))
    (result,) = scan_in(world, Job(targets("10.0.0.1"), (22,)))
    assert result.rtt == pytest.approx(0.045)


@both_ways
def test_an_icmp_error_is_believed_over_the_refusal(reuses):
    world = World(lambda _, port: Answer(errno.ECONNREFUSED, icmp=(3, 3, "10.9.9.9")), reuses=reuses)
    (result,) = scan_in(world, Job(targets("10.0.0.1"), (22,)))
    assert (result.state, result.reason, result.source) == ("filtered", "port-unreach", "10.9.9.9")


def test_an_icmp_error_is_taken_even_while_the_attempt_is_under_way():
    world = World(lambda _, port: Answer(errno.EALREADY, icmp=(3, 13, "10.9.9.9")))
    (result,) = scan_in(world, Job(targets("10.0.0.1"), (22,)))
    assert (result.state, result.reason) == ("filtered", "admin-prohibited")


def test_a_silent_host_gets_three_blind_waits_on_fresh_sockets():
    world = World(lambda *_: SILENT)
    (result,) = scan_in(world, Job(targets("10.0.0.1"), (22,)))
    moments = [moment for moment, *_ in world.attempts]
    assert [round(after - before, 3) for before, after in pairwise(moments)] == [BLIND_TIMEOUT] * 2
    assert len({number for *_, number in world.attempts}) == 3
    assert result.state == "filtered"
    assert result.rtt is None


def test_once_the_round_trip_is_known_silence_is_short():
    world = World(lambda _, port: OPEN if port == 80 else SILENT)
    started = world.now
    scan_in(world, Job(targets("10.0.0.1"), range(1, 1025)))
    assert world.now - started < 0.6


def test_a_distant_host_among_near_ones_is_not_called_silent():
    far = Answer(errno.ECONNREFUSED, rtt=0.45)
    near = Answer(errno.ECONNREFUSED, rtt=0.001)
    world = World(lambda address, _: far if address == "10.0.0.77" else near)
    results = scan_in(world, Job(targets("10.0.0.0/24"), range(1, 65)))
    assert states(results) == {("closed", "conn-refused"): 256 * 64}


@pytest.mark.parametrize("loss", [0.02, 0.05, 0.10])
def test_no_open_port_is_missed_under_loss(loss):
    for seed in range(8):
        world = World(lambda _, port: OPEN if port % 32 == 0 else CLOSED, loss=loss, seed=seed)
        results = scan_in(world, Job(targets("10.0.0.1"), range(1, 1025)))
        assert sum(result.state == "open" for result in results) == 32


@both_ways
@pytest.mark.parametrize("ceiling", [1, 4, 10, 100])
def test_n_is_a_literal_ceiling(reuses, ceiling):
    world = World(lambda _, port: SILENT if port % 3 else CLOSED, reuses=reuses)
    results = scan_in(world, Job(targets("10.0.0.0/30"), range(1, 31), ceiling=ceiling))
    assert world.most_in_flight <= ceiling
    assert len(results) == 120


def test_a_stall_of_our_own_process_expires_nothing_that_was_answered():
    world = World(lambda *_: CLOSED)
    engine = engine_in(world, Job(targets("10.0.0.1"), range(1, 101)))
    results = []
    for number, batch in enumerate(engine.run()):
        results += batch.results
        if number == 0:
            world.stall = 5.0
    assert states(results) == {("closed", "conn-refused"): 100}


@pytest.mark.parametrize("shortage", ["EADDRNOTAVAIL", "ENOBUFS", "EAGAIN"])
def test_a_shortage_of_this_machine_is_waited_out(shortage):
    world = World(lambda *_: CLOSED)
    until = world.now + 1.0
    world.refuse = lambda *_: getattr(errno, shortage) if world.now < until and len(world.attempts) > 20 else 0
    results = scan_in(world, Job(targets("10.0.0.1"), range(1, 201)))
    assert states(results) == {("closed", "conn-refused"): 200}


def test_a_shortage_without_end_becomes_an_error_of_this_machine_not_a_port_state():
    world = World(lambda *_: CLOSED)
    world.refuse = lambda *_: errno.EADDRNOTAVAIL
    started = world.now
    results = scan_in(world, Job(targets("10.0.0.1"), (1, 2, 3)))
    assert states(results) == {("error", "eaddrnotavail"): 3}
    assert 5 <= world.now - started < 10


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ("ENETUNREACH", "no-route"),
        ("EHOSTUNREACH", "unreachable-route"),
        ("EACCES", "prohibited-route"),
        ("EINVAL", "blackhole-route"),
        ("EPERM", "local-firewall"),
    ],
)
def test_a_route_that_refuses_is_an_error_of_this_machine(problem, reason):
    world = World(lambda *_: CLOSED)
    world.refuse = lambda *_: getattr(errno, problem)
    (result,) = scan_in(world, Job(targets("10.0.0.1"), (22,)))
    assert (result.state, result.reason) == ("error", reason)


def test_few_descriptors_make_it_slower_not_different():
    world = World(lambda _, port: OPEN if port == 443 else SILENT if port % 7 == 0 else CLOSED)
    world.socket_limit = 3
    results = scan_in(world, Job(targets("10.0.0.1", "::1"), range(400, 500)))
    assert len(results) == 200
    assert sum(result.state == "open" for result in results) == 2


def test_shards_probe_everything_once_between_them():
    seen = Counter()
    for index in range(3):
        world = World(lambda *_: CLOSED)
        job = Job(targets("10.0.0.0/29"), range(1, 100), shard=Shard(index, 3))
        results = scan_in(world, job)
        assert len(results) == job.probes
        seen.update((result.address, result.port) for result in results)
    assert len(seen) == 8 * 99
    assert set(seen.values()) == {1}


def test_every_block_is_reported_finished_once_and_memory_follows_the_open_ones():
    world = World(lambda *_: CLOSED)
    job = Job(targets("10.0.0.0/18"), (80,))
    finished = [block.index for batch in engine_in(world, job).run() for block in batch.finished]
    assert sorted(finished) == [0, 1, 2, 3]


def test_stop_takes_what_is_in_flight_and_invents_nothing():
    world = World(lambda _, port: SILENT if port % 2 else CLOSED)
    engine = engine_in(world, Job(targets("10.0.0.1"), range(1, 1025)))
    results = []
    for batch in engine.run():
        results += batch.results
        if len(results) > 50:
            engine.stop()
    assert 50 < len(results) < 600
    assert {result.state for result in results} == {"closed"}


def test_probes_of_one_moment_fall_on_many_hosts():
    world = World(lambda *_: CLOSED)
    scan_in(world, Job(targets("10.0.0.0/24"), range(1, 129), ceiling=100))
    for start in range(300, len(world.attempts) - 100, 700):
        burst = Counter(address for _, address, _, _ in world.attempts[start : start + 50])
        assert max(burst.values()) <= 3


# Real sockets

pollers = pytest.mark.parametrize("make_poller", [EpollPoller, SelectorPoller])


@pollers
def test_a_real_host_is_scanned_right(open_ports, make_poller):
    listening = open_ports(5).ports
    job = Job(targets("127.0.0.1", "127.0.0.2"), tuple(sorted({*listening, *range(1, 300)})))
    results = results_of(ConnectEngine(job, poller=make_poller()))
    assert sorted(result.port for result in results if result.state == "open") == sorted(listening)
    assert {result.address for result in results if result.state == "open"} == {"127.0.0.1"}
    assert states(results)["closed", "conn-refused"] == len(results) - len(listening)


def test_our_own_sockets_are_never_reported_as_open():
    """A connect loop over the ephemeral range of loopback meets itself now and then."""
    others = listened_on_loopback()
    results = results_of(ConnectEngine(Job(targets("127.0.0.1"), range(32_768, 61_000))))
    others |= listened_on_loopback()
    assert {result.port for result in results if result.state == "open"} <= others
    assert {result.state for result in results} <= {"closed", "open"}


def listened_on_loopback():
    """Ports that somebody really listens on, as the kernel's table has it: state 0A."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return {int(row[1].partition(":")[2], 16) for row in rows if row[3] == "0A"}


def test_ipv6_is_scanned_beside_ipv4(open_ports):
    listening = open_ports(2, "::1").ports
    job = Job(targets("127.0.0.1", "::1"), tuple(sorted({*listening, 1, 2, 3})))
    found = [(result.address, result.port) for result in results_of(ConnectEngine(job)) if result.state == "open"]
    assert sorted(found) == [("::1", port) for port in sorted(listening)]
