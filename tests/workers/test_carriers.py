"""One contract over all carriers: serial, threads, processes."""

import os
import signal
import threading
from collections import Counter

import pytest

from shoal.errors import UsageError
from shoal.workers import MODELS, Lost, carrier


class Counting:
    """A runner that says (job, 0), (job, 1), ... up to the job's length."""

    def __init__(self, job):
        self.name, self.length = job
        self.stopped = False

    def run(self):
        for number in range(self.length):
            if self.stopped:
                return
            yield self.name, number

    def stop(self):
        self.stopped = True


class Failing(Counting):
    def run(self):
        yield from super().run()
        if self.name == "bad":
            raise ValueError("the job is bad")


class Dying(Counting):
    def run(self):
        yield from super().run()
        if self.name == "bad":
            os.kill(os.getpid(), signal.SIGKILL)


class Endless(Counting):
    def run(self):
        number = 0
        while not self.stopped:
            yield self.name, number
            number += 1


models = pytest.mark.parametrize("model", MODELS)
shared = pytest.mark.parametrize("model", ["thread", "proc"])


@models
def test_every_message_comes_out_exactly_once(model):
    jobs = [("a", 700), ("b", 0), ("c", 1300)]
    seen = Counter(carrier(model, Counting, jobs).run())
    assert set(seen) == {(name, number) for name, length in jobs for number in range(length)}
    assert set(seen.values()) == {1}


@models
def test_the_messages_of_one_job_keep_their_order(model):
    messages = list(carrier(model, Counting, [("a", 300), ("b", 300)]).run())
    for name in "ab":
        assert [number for job, number in messages if job == name] == list(range(300))


@shared
def test_a_job_that_raises_is_lost_and_the_others_go_on(model):
    messages = list(carrier(model, Failing, [("bad", 3), ("good", 50)]).run())
    lost = [message for message in messages if isinstance(message, Lost)]
    assert [(one.job, one.why) for one in lost] == [(0, "ValueError: the job is bad")]
    assert isinstance(lost[0].error, ValueError)
    assert len(messages) == 54


def test_a_killed_process_is_lost_and_the_others_go_on():
    messages = list(carrier("proc", Dying, [("bad", 3), ("good", 50)]).run())
    lost = [message for message in messages if isinstance(message, Lost)]
    assert [(one.job, one.why) for one in lost] == [(0, "the worker process died (signal 9)")]
    assert ("good", 49) in messages


def test_what_a_job_raises_in_this_thread_comes_straight_through():
    with pytest.raises(ValueError, match="the job is bad"):
        list(carrier("async", Failing, [("bad", 3)]).run())


@models
def test_stop_ends_every_job_early_and_loses_nothing_said_before(model):
    crew = carrier(model, Endless, [("a", 0), ("b", 0)])
    messages = []
    for message in crew.run():
        messages.append(message)
        if len(messages) == 100:
            crew.stop()
    assert not any(isinstance(message, Lost) for message in messages)
    for name in {job for job, _ in messages}:
        numbers = [number for job, number in messages if job == name]
        assert numbers == list(range(len(numbers)))


@models
def test_walking_away_leaves_no_thread_and_no_process(model):
    before = threading.active_count()
    messages = carrier(model, Endless, [("a", 0), ("b", 0)]).run()
    next(messages)
    messages.close()
    assert threading.active_count() == before  # child processes: the leak check of every test


def test_an_unknown_model_is_a_usage_error():
    with pytest.raises(UsageError, match="no worker model 'fibre'"):
        carrier("fibre", Counting, [])
