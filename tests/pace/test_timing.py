"""Time-outs, losses and windows, decided on paper: no clock runs here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.pace.timing import BLIND_TIMEOUT, FIRST_WINDOW, SHORTEST_TIMEOUT, SMALLEST_WINDOW, Loss, Timeout, Window


def test_nothing_known_means_a_long_wait():
    assert Timeout().seconds == BLIND_TIMEOUT
    assert Timeout(longest=0.2).seconds == 0.2


def test_the_first_sample_sets_srtt_and_half_of_it_as_variance():
    timeout = Timeout()
    timeout.sample(0.1)
    assert (timeout.srtt, timeout.rttvar) == (0.1, 0.05)
    assert timeout.seconds == pytest.approx(0.3)


def test_later_samples_move_it_by_an_eighth_and_a_quarter():
    timeout = Timeout()
    timeout.sample(0.1)
    timeout.sample(0.2)
    assert timeout.srtt == pytest.approx(0.1125)
    assert timeout.rttvar == pytest.approx(0.0625)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=50), st.floats(0.05, 2))
def test_the_timeout_stays_between_its_bounds(samples, longest):
    timeout = Timeout(longest)
    for rtt in samples:
        timeout.sample(rtt)
    assert SHORTEST_TIMEOUT <= timeout.seconds <= longest


def lossy(first, retried):
    loss = Loss()
    loss.first, loss.retried = first, retried
    return loss


@pytest.mark.parametrize(
    ("first", "retried", "tries"), [(0, 0, 3), (4, 0, 3), (1000, 0, 2), (900, 100, 5), (500, 500, 8)]
)
def test_tries_follow_the_measured_loss(first, retried, tries):
    assert lossy(first, retried).tries() == tries


def test_four_answers_are_too_few_to_give_up_after_two_tries():
    assert lossy(4, 0).tries() == 3
    assert lossy(200, 0).tries() == 2


def test_loss_is_congestion_only_above_a_tenth():
    assert not lossy(95, 5).congested
    assert lossy(80, 20).congested


def test_the_window_grows_by_one_an_answer_up_to_its_ceiling():
    window = Window(400)
    assert window.size == FIRST_WINDOW
    window.answered(10)
    assert window.size == FIRST_WINDOW + 10
    window.answered(1000)
    assert window.size == 400


def test_a_small_ceiling_is_literal():
    window = Window(4)
    window.answered(100)
    window.silent(10, 0.5)
    window.cut()
    assert window.size == 4


def test_silence_widens_four_times_once_a_timeout():
    window = Window(4096)
    for moment in (10.0, 10.1, 10.4):
        window.silent(moment, 0.5)
    assert window.size == 4 * FIRST_WINDOW
    window.silent(10.6, 0.5)
    assert window.size == 4096


def test_losses_of_one_window_cut_once_and_growth_is_careful_afterwards():
    window = Window(4096)
    window.answered(1000 - FIRST_WINDOW)
    window.lost(sent_at=5.0, now=6.0)
    window.lost(sent_at=5.5, now=6.1)
    assert window.size == 500
    window.answered(1)
    assert window.size == pytest.approx(500.002)
    window.lost(sent_at=6.2, now=6.3)
    assert window.size == pytest.approx(250, abs=0.01)


@given(st.lists(st.sampled_from(["answered", "cut", "silent"]), max_size=200), st.integers(1, 5000))
def test_the_window_never_leaves_its_bounds(events, ceiling):
    window = Window(ceiling)
    for now, event in enumerate(events):
        {"answered": window.answered, "cut": window.cut, "silent": lambda now=now: window.silent(now, 0.5)}[event]()
        assert min(SMALLEST_WINDOW, ceiling) <= window.size <= ceiling
