"""The ping engine on a simulated network, exact in time: who is found, who is given up, and when."""

import errno
from itertools import pairwise

import pytest
from echo_world import IDENT, EchoWorld, sweep, unreachable
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.net.frames import Echo
from shoal.net.targets import TargetSet, parse
from shoal.pace.order import Shard
from shoal.pace.timing import BLIND_TIMEOUT
from shoal.scanner.engines import rounds
from shoal.scanner.engines.echo_pace import BLIND_SPACING, RETRY_SPACING
from shoal.scanner.engines.echo_socket import NoEcho
from shoal.scanner.engines.icmp import IcmpEngine
from shoal.scanner.probes import Job
from shoal.scanner.result import DOWN, ERROR, UP

NET = "10.0.0.0/24"


def last(address):
    return int(address.rpartition(".")[2])


def every(step, rtt=0.020):
    """A network in which every `step`-th address is a host."""
    return lambda address: rtt if last(address) % step == 0 else None


def up(results):
    return {address for address, result in results.items() if result.state == UP}


# What is found


@pytest.mark.parametrize("raw", [False, True])
def test_live_hosts_are_up_and_the_others_down(raw):
    results, engine, _ = sweep(EchoWorld(every(4), raw=raw), NET)
    assert up(results) == {f"10.0.0.{n}" for n in range(0, 256, 4)}
    assert {result.reason for result in results.values() if result.state == DOWN} == {"no-response"}
    assert engine.settled == len(results) == 256


def test_each_round_trip_is_what_the_host_took():
    world = EchoWorld(lambda address: 0.001 + last(address) / 700)
    results, _, _ = sweep(world, NET)
    for address, result in results.items():
        assert result.rtt == pytest.approx(world.rtt(address), abs=1e-9)


def test_live_hosts_alone_take_one_round_trip():
    world = EchoWorld(every(1))
    sweep(world, NET)
    assert world.now == pytest.approx(100.020)
    assert len(world.sent) == 256


def test_each_batch_comes_as_soon_as_its_answers_do():
    _, _, told = sweep(EchoWorld(lambda address: last(address) / 1000), "10.0.0.1-10.0.0.9")
    assert [(round(moment - 100, 6), last(result.address)) for moment, result in told] == [
        (n / 1000, n) for n in range(1, 10)
    ]


@pytest.mark.parametrize("loss", [0.05, 0.15])
@pytest.mark.parametrize("seed", range(8))
def test_every_live_host_is_found_on_a_lossy_path(loss, seed):
    results, _, _ = sweep(EchoWorld(every(1), loss=loss, seed=seed), NET)
    assert len(up(results)) == 256


@pytest.mark.parametrize("seed", range(8))
def test_loss_is_found_out_though_half_of_the_addresses_are_silent(seed):
    results, _, _ = sweep(EchoWorld(every(2), loss=0.05, seed=seed), "10.0.0.0/22")
    assert len(up(results)) == 512


@given(ceiling=st.integers(1, 64), seed=st.integers(0, 99), order=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_the_ceiling_and_the_order_change_nothing(ceiling, seed, order):
    world = EchoWorld(lambda address: (last(address) % 7 / 100) or None, seed=seed)
    results, _, _ = sweep(world, "10.0.0.0/26", ceiling=ceiling, seed=order)
    assert up(results) == {f"10.0.0.{n}" for n in range(64) if n % 7}


# When an address is given up


@pytest.mark.parametrize("rtt", [None, 0.0, 0.001, 0.020, 0.3])
def test_down_is_said_only_after_two_tries_and_the_full_wait_for_the_last(rtt):
    world = EchoWorld(every(2, rtt))
    _, _, told = sweep(world, NET)
    for moment, result in told:
        asked = world.times(result.address)
        if result.state == DOWN:
            assert len(asked) >= 2
            assert moment - asked[-1] >= BLIND_TIMEOUT - 1e-9
            assert all(later - earlier >= RETRY_SPACING - 1e-9 for earlier, later in pairwise(asked))


def test_a_silent_address_among_near_ones_takes_one_spacing_and_one_wait():
    world = EchoWorld(every(2, 0.001))
    sweep(world, NET)
    assert world.now - 100 == pytest.approx(RETRY_SPACING + BLIND_TIMEOUT, abs=0.003)


def test_a_shorter_longest_wait_is_honoured():
    world = EchoWorld(lambda _: None)
    results, _, _ = sweep(world, "10.0.0.1", longest=0.05, tries=2)
    assert results["10.0.0.1"].state == DOWN
    assert world.now - 100 == pytest.approx(0.100, abs=0.003)


def test_a_dead_network_is_asked_three_times_while_nothing_is_known_of_it():
    world = EchoWorld(lambda _: None)
    sweep(world, NET)
    assert world.times("10.0.0.7") == pytest.approx([100, 100 + BLIND_SPACING, 100 + 2 * BLIND_SPACING], abs=0.003)
    assert world.now - 100 == pytest.approx(2 * BLIND_SPACING + BLIND_TIMEOUT, abs=0.005)


def test_one_needed_retry_among_few_answers_makes_the_sweep_stubborn():
    world = EchoWorld(lambda address: 0.001 if address in ("10.0.0.3", "10.0.0.4") else None)
    world.icmp = lambda address: unreachable(1, "10.0.0.254") if len(world.times("10.0.0.4")) == 1 else None
    sweep(world, NET)
    assert len(world.times("10.0.0.9")) == 8


def test_the_caller_may_ask_for_one_try():
    world = EchoWorld(lambda _: None)
    sweep(world, NET, tries=1)
    assert len(world.sent) == 256


def test_a_slow_host_among_near_ones_is_up_with_its_first_round_trip():
    world = EchoWorld(lambda address: 0.45 if address == "10.0.0.9" else 0.001)
    results, engine, _ = sweep(world, NET)
    assert results["10.0.0.9"].state == UP
    assert results["10.0.0.9"].rtt == pytest.approx(0.45)
    assert world.times("10.0.0.9")[1] - 100 < 0.2, "it was asked again meanwhile"
    assert engine.ignored == 0, "and its other answers came after the end"


def test_a_late_answer_counts_while_the_address_waits_for_its_next_try():
    # One at a time: the second try of the first address comes after the first tries of all the others.
    world = EchoWorld(lambda address: 1.3 if last(address) == 0 else None)
    results, _, _ = sweep(world, "10.0.0.0/29", ceiling=1, tries=2)
    assert results["10.0.0.0"].state == UP
    assert results["10.0.0.0"].rtt == pytest.approx(1.3)
    assert len(world.times("10.0.0.0")) == 1


@pytest.mark.parametrize("stall", [0.2, 3.0, 60.0])
def test_a_stall_of_our_own_expires_nothing_that_was_answered(stall):
    world = EchoWorld(every(1))
    world.stall = stall
    results, engine, _ = sweep(world, NET)
    assert len(up(results)) == 256
    assert engine.sent == 256


# What is not believed


def test_repeated_answers_are_counted_and_ignored():
    world = EchoWorld(every(2, 0.010))
    world.copies = 3
    results, engine, _ = sweep(world, NET)
    assert len(up(results)) == 128
    assert engine.ignored == 256


def test_a_stranger_is_not_a_host():
    world = EchoWorld(every(2))
    line = world.line()
    world.on_wire[4] = [(100.0, -2, line.reply(line.echo.request), "10.9.9.9")]
    results, engine, _ = sweep(world, NET)
    assert "10.9.9.9" not in results
    assert engine.ignored == 1


@pytest.mark.parametrize("forged", [Echo(4, IDENT, b"guessing"), Echo(4, 1, b"shoaling")])
def test_an_answer_without_our_token_or_identifier_is_no_answer(forged):
    world = EchoWorld(lambda _: None)
    world.on_wire[4] = [(100.01, -1, world.line().reply(forged.request), "10.0.0.1")]
    results, engine, _ = sweep(world, "10.0.0.1")
    assert results["10.0.0.1"].state == DOWN
    assert engine.ignored == 1


def test_an_answer_to_a_try_that_was_never_made_is_no_answer():
    world = EchoWorld(lambda _: None)
    line = world.line()
    world.on_wire[4] = [(100.01, -1, line.reply(line.echo.request_of(5)), "10.0.0.1")]
    results, _, _ = sweep(world, "10.0.0.1")
    assert results["10.0.0.1"].state == DOWN


def test_a_flood_of_strangers_does_not_stop_the_clock():
    world = EchoWorld(lambda _: None)
    line = world.line()
    packet = line.reply(Echo(4, IDENT, b"flooding").request)
    line.receive = lambda space: (packet, ("10.9.9.9", 0))
    engine = world.engine("10.0.0.1", line=line, tries=1)
    assert [result.state for batch in engine.run() for result in batch.results] == [DOWN]


# How much is in flight


@pytest.mark.parametrize("ceiling", [1, 4, 10, 100])
def test_the_ceiling_is_never_exceeded(ceiling):
    world = EchoWorld(every(2), loss=0.05)
    engine = world.engine("10.0.0.0/25", ceiling=ceiling)
    seen = []
    world.watch_send = lambda: seen.append(engine.in_flight)
    assert sum(len(batch.results) for batch in engine.run()) == 128
    assert max(seen) == ceiling - 1, "before each request there is room for it, and all the room is used"
    assert engine.in_flight == 0


def test_without_a_ceiling_a_small_network_is_asked_at_once():
    world = EchoWorld(lambda _: None)
    sweep(world, NET, tries=1)
    assert {moment for moment, _, _ in world.sent} == {100.0}


def test_the_window_opens_with_the_answers():
    world = EchoWorld(every(1))
    _, engine, _ = sweep(world, "10.0.0.0/20")
    assert engine.limit > 2000
    assert world.now - 100 < 0.1


# What cannot be sent


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (errno.ENETUNREACH, "no-route"),
        (errno.EHOSTUNREACH, "unreachable-route"),
        (errno.EACCES, "prohibited-route"),
        (errno.EINVAL, "blackhole-route"),
        (errno.EPERM, "local-firewall"),
    ],
)
def test_a_route_that_refuses_is_an_error_not_a_down_host(problem, reason):
    world = EchoWorld(every(1))
    world.refuse = lambda address, _: problem if address == "10.0.0.7" else 0
    results, _, _ = sweep(world, NET)
    assert (results["10.0.0.7"].state, results["10.0.0.7"].reason) == (ERROR, reason)
    assert len(up(results)) == 255


def test_a_broadcast_address_is_named_as_such():
    world = EchoWorld(every(1))
    world.broadcast = ("10.0.0.255",)
    world.refuse = lambda address, _: errno.EACCES if address == "10.0.0.255" else 0
    results, _, _ = sweep(world, NET)
    assert (results["10.0.0.255"].state, results["10.0.0.255"].reason) == (ERROR, "broadcast")


@pytest.mark.parametrize("problem", [errno.ENOBUFS, errno.EAGAIN, errno.ENOMEM])
def test_a_shortage_of_this_machine_delays_and_never_decides(problem):
    world = EchoWorld(every(2))
    world.refuse = lambda _, number: problem if number % 5 and number < 900 else 0
    results, engine, _ = sweep(world, NET)
    assert len(up(results)) == 128
    assert engine.sent == len(world.sent)


def test_a_retry_that_could_not_be_sent_still_hears_the_first_answer():
    world = EchoWorld(lambda _: BLIND_SPACING + 0.03)  # while the retry waits for a buffer
    world.refuse = lambda _, number: errno.ENOBUFS if 1 <= number < 40 else 0
    results, engine, _ = sweep(world, "10.0.0.1")
    assert results["10.0.0.1"].rtt == pytest.approx(BLIND_SPACING + 0.03)
    assert engine.sent == 1


def test_a_shortage_that_never_ends_is_an_error_in_the_end():
    world = EchoWorld(every(1))
    world.refuse = lambda *_: errno.ENOBUFS
    results, _, _ = sweep(world, "10.0.0.0/30")
    assert {(result.state, result.reason) for result in results.values()} == {(ERROR, "enobufs")}
    assert 30 < world.now - 100 < 31


def test_the_error_of_an_earlier_request_is_not_blamed_on_the_next():
    world = EchoWorld(every(1, 0.0))
    world.icmp = lambda address: unreachable(1, "10.0.0.254") if last(address) % 3 == 0 else None
    pending = world.errors_on_wire
    world.refuse = lambda *_: errno.EHOSTUNREACH if pending else 0  # the kernel reports it to whatever comes next
    results, _, _ = sweep(world, "10.0.0.0/27")
    assert {result.state for result in results.values()} == {UP, DOWN}
    assert up(results) == {f"10.0.0.{n}" for n in range(32) if n % 3}


# ICMP errors


def test_a_router_that_says_unreachable_is_the_reason_for_down():
    world = EchoWorld(lambda _: 0.005)
    world.icmp = lambda _: unreachable(1, "10.0.0.254")
    results, _, _ = sweep(world, "10.0.0.1")
    result = results["10.0.0.1"]
    assert (result.state, result.reason, result.source, result.rtt) == (DOWN, "host-unreach", "10.0.0.254", None)
    assert world.now - world.times("10.0.0.1")[-1] >= BLIND_TIMEOUT


def test_an_answer_after_an_unreachable_wins():
    world = EchoWorld(lambda _: 0.005)
    world.icmp = lambda address: unreachable(1, "10.0.0.254") if len(world.times(address)) == 1 else None
    results, _, _ = sweep(world, "10.0.0.1")
    assert (results["10.0.0.1"].state, results["10.0.0.1"].reason) == (UP, "echo-reply")
    assert results["10.0.0.1"].rtt == pytest.approx(0.005)


def test_a_host_that_rejects_the_ping_by_itself_is_up():
    world = EchoWorld(lambda _: 0.005)
    world.icmp = lambda address: unreachable(10, address)
    results, _, _ = sweep(world, "10.0.0.1")
    result = results["10.0.0.1"]
    assert (result.state, result.reason, result.source) == (UP, "host-prohibited", "10.0.0.1")


def test_an_error_about_an_address_nobody_asked_is_ignored():
    world = EchoWorld(every(1))
    line = world.line()
    world.errors_on_wire = [(100.0, -1, ("10.9.9.9", line.echo.request, unreachable(3, "10.9.9.9")))]
    results, engine, _ = sweep(world, NET)
    assert len(results) == len(up(results)) == 256
    assert engine.ignored == 1


# Stopping


def test_stop_takes_what_is_in_flight_and_leaves_the_rest_unsaid():
    world = EchoWorld(every(2, 0.2))
    engine = world.engine(NET, ceiling=16)
    told = []
    for batch in engine.run():
        told += batch.results
        if len(world.sent) == 24:
            engine.stop()
            stopped = world.now
    assert len(world.sent) == 24
    assert {result.state for result in told} == {UP}
    assert engine.settled == len(told) < 24
    assert world.now - stopped <= BLIND_TIMEOUT + 0.002
    assert world.closed


def test_stop_before_the_start_says_nothing():
    world = EchoWorld(every(1))
    engine = world.engine(NET)
    engine.stop()
    assert list(engine.run()) == []
    assert not world.sent
    assert world.closed


def test_stop_lets_an_address_be_down_that_has_had_its_tries():
    world = EchoWorld(every(2, 0.001))
    engine = world.engine(NET)
    told = []
    for batch in engine.run():
        told += batch.results
    asked_last = max(moment for moment, _, _ in world.sent)
    world = EchoWorld(every(2, 0.001))
    engine = world.engine(NET)
    world.watch_send = lambda: engine.stop() if len(world.sent) == 383 else None
    told = [result for batch in engine.run() for result in batch.results]
    assert sum(result.state == DOWN for result in told) == 128
    assert max(moment for moment, _, _ in world.sent) == asked_last


# Blocks, shards, versions


def test_each_block_is_finished_once_and_its_addresses_were_told_before():
    world = EchoWorld(lambda address: 0.001 if last(address) % 16 else None)
    engine = world.engine("10.0.0.0/17", tries=1)
    told, finished = set(), []
    for batch in engine.run():
        told |= {result.address for result in batch.results}
        for block in batch.finished:
            assert told.issuperset(block.addresses)
            finished.append(block.index)
    assert sorted(finished) == list(range(8))


def test_few_blocks_are_under_way_at_once():
    job = Job(TargetSet([parse("10.0.0.0/8")]))
    walk = rounds.Rounds(job)
    taken = 0
    while probes := walk.take(1000):
        taken += len(probes)
        assert taken <= rounds.OPEN_BLOCKS * 4096
    assert taken == rounds.OPEN_BLOCKS * 4096
    walk.closed()
    assert len(walk.take(1000)) == 1000


def test_shards_are_disjoint_and_complete():
    told = []
    for index in range(3):
        results, _, _ = sweep(EchoWorld(every(1)), "10.0.0.0/23", shard=Shard(index, 3))
        told += results
    assert len(told) == len(set(told)) == 512


def test_a_version_without_permission_does_not_hurt_the_other():
    world = EchoWorld(every(1))
    targets = TargetSet([parse("10.0.0.0/30"), parse("fd00:77::/126")])
    engine = IcmpEngine(Job(targets), [world.line(4), NoEcho(6, errno.EPERM)], world.clock, world.wait)
    results = {result.address: result for batch in engine.run() for result in batch.results}
    assert up(results) == {f"10.0.0.{n}" for n in range(4)}
    others = {(result.state, result.reason) for address, result in results.items() if ":" in address}
    assert others == {(ERROR, "icmp-not-permitted")}


def test_both_versions_are_swept_in_one_run():
    world = EchoWorld(lambda address: 0.01 if address.endswith("1") else None)
    targets = TargetSet([parse("10.0.0.0/30"), parse("fd00:77::/126")])
    engine = IcmpEngine(Job(targets), [world.line(4), world.line(6)], world.clock, world.wait)
    results = {result.address: result for batch in engine.run() for result in batch.results}
    assert up(results) == {"10.0.0.1", "fd00:77::1"}
    assert len(results) == 8
    assert results["fd00:77::1"].rtt == pytest.approx(0.01)
