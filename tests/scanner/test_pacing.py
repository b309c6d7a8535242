"""The pace of the TCP engine, decided on paper."""

import pytest

from shoal.net.targets import TargetSet, parse
from shoal.scanner.engines.pacing import PRESSURE_PATIENCE, Pacing
from shoal.scanner.engines.peers import Peer
from shoal.scanner.probes import Job, blocks


@pytest.fixture
def peer():
    (block,) = blocks(Job(TargetSet([parse("10.0.0.1")]), (80,)))
    return Peer("10.0.0.1", block, 4096.0, 1.0)


def test_a_peer_is_due_once_at_its_earliest_moment(peer):
    pacing = Pacing(100)
    pacing.watch(peer, 12.0)
    pacing.watch(peer, 11.0)
    pacing.watch(peer, 13.0)
    assert pacing.patience(10.0) == 1.0
    assert list(pacing.due(10.9)) == []
    assert list(pacing.due(20.0)) == [peer]
    assert list(pacing.due(20.0)) == []


def test_the_first_round_trip_brings_what_was_sent_blindly_forward(peer):
    pacing = Pacing(100)
    peer.sent.append((None, 10.0))
    pacing.watch(peer, 10.5)
    pacing.answered(peer, 0, 0.020, 10.0, 10.020)
    assert pacing.patience(10.020) == pytest.approx(0.040)


def test_the_last_try_waits_half_as_long_again_once_the_round_trip_is_known(peer):
    pacing = Pacing(100)
    assert pacing.deadline(peer, 10.0, last=True) == 10.5
    pacing.answered(peer, 0, 0.020, 10.0, 10.020)
    assert pacing.deadline(peer, 11.0, last=False) == pytest.approx(11.060)
    assert pacing.deadline(peer, 11.0, last=True) == pytest.approx(11.090)


def test_tries_may_be_given(peer):
    assert Pacing(100, tries=5).tries(peer) == 5
    assert Pacing(100).tries(peer) == 3


def test_silence_after_losses_does_not_widen_the_window(peer):
    pacing = Pacing(4096)
    for _ in range(20):
        pacing.answered(peer, 1, 0.020, 10.0, 10.020)
    before = pacing.window.size
    pacing.silent(peer, 11.0)
    assert pacing.window.size == before


def test_pressure_pauses_and_is_given_up_only_after_a_while_without_progress(peer):
    pacing = Pacing(100)
    assert pacing.pressed(10.0)
    assert pacing.not_before == 10.01
    assert pacing.pressed(10.0 + PRESSURE_PATIENCE)
    assert not pacing.pressed(10.1 + PRESSURE_PATIENCE)
    pacing.answered_at_once(1)
    assert pacing.pressed(30.0)
