"""One contract over all carriers: serial, threads, processes."""

import multiprocessing
import os
import signal
import threading
import time
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


@models
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


class DyingOnce(Counting):
    """Kills its process before its first message, until a file says that somebody has."""

    def run(self):
        path = self.name
        if not os.path.exists(path):
            open(path, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        yield path, os.getpid()


class Silent(Counting):
    """Job "silent" says one thing and then nothing until it is stopped; it notices that late or never."""

    released = threading.Event()

    def run(self):
        yield self.name, 0
        if self.name == "silent":
            Silent.released.wait(30)
        yield from super().run()


class Slow(Counting):
    def run(self):
        for message in super().run():
            time.sleep(0.1)
            yield message


class Unportable(ValueError):
    """Cannot be made again from what pickle keeps of it."""

    def __init__(self, text, more):
        super().__init__(f"{text} and {more}")


class Raising(Counting):
    def run(self):
        raise Unportable("this", "that")
        yield


def lost_of(messages):
    return [(message.job, message.why) for message in messages if isinstance(message, Lost)]


def test_a_process_killed_before_its_job_said_anything_is_replaced_and_the_job_returns(tmp_path):
    path = str(tmp_path / "died")
    messages = list(carrier("proc", DyingOnce, [(path, 1)], patience=30).run())
    assert [name for name, _ in messages] == [path]


def test_a_job_that_kills_each_of_its_workers_is_lost_once():
    messages = list(carrier("proc", Dying, [("bad", 0), ("good", 5), ("good", 5)], 1).run())
    assert lost_of(messages) == [(0, "the worker process died (signal 9)")]
    assert len(messages) == 11


def test_a_worker_that_somebody_tells_to_stop_is_not_taken_for_one_that_is_done():
    messages = []
    for message in carrier("proc", Endless, [("a", 0)]).run():
        messages.append(message)
        if len(messages) == 10:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGTERM)
    assert lost_of(messages) == [(0, "the worker process was told to stop (SIGTERM)")]


@shared
def test_a_silent_job_is_lost_and_the_others_go_on(model):
    Silent.released.clear()
    jobs = [("silent", 3), *[("good", 20)] * 6]
    messages = []
    for message in carrier(model, Silent, jobs, 2, patience=0.3).run():
        messages.append(message)
        if isinstance(message, Lost):
            Silent.released.set()
    assert lost_of(messages) == [(0, "it said nothing for 0.3 s")]
    assert len(messages) == 2 + 6 * 21
    for thread in threading.enumerate():
        if thread.name.startswith("shoal-"):
            thread.join(10)


@shared
def test_a_slow_reader_is_not_taken_for_a_silent_job(model):
    messages = []
    for message in carrier(model, Counting, [("a", 300)], patience=0.1).run():
        if len(messages) in (1, 280):
            time.sleep(0.3)
        messages.append(message)
    assert lost_of(messages) == []
    assert len(messages) == 300


@shared
def test_a_slow_job_that_still_speaks_is_not_silent(model):
    messages = list(carrier(model, Slow, [("a", 4)], patience=1.0).run())
    assert messages == [("a", number) for number in range(4)]


@models
def test_no_job_is_taken_before_there_is_room_for_it(model):
    taken = []

    def jobs():
        for number in range(20):
            taken.append(number)
            yield str(number), 1

    ended = set()
    for name, _ in carrier(model, Counting, jobs(), 3).run():
        ended.add(int(name))
        assert len(taken) <= len(ended) + 3 + 3  # one in each worker, and one said but not yet read from each
    assert ended == set(range(20))


@models
def test_after_stop_no_job_is_begun(model):
    crew = carrier(model, Counting, ((str(number), 1) for number in range(1_000)), 2)
    names = set()
    for name, _ in crew.run():
        names.add(name)
        crew.stop()
    assert 1 <= len(names) <= 4


@models
def test_what_a_job_raises_is_told_with_the_error_where_it_can_travel(model):
    first = next(carrier(model, Failing, [("bad", 0)]).run())
    assert isinstance(first.error, ValueError)
    second = next(carrier(model, Raising, [("bad", 0)]).run())
    assert second.why == "Unportable: this and that"
    assert (second.error is None) is (model == "proc")


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
