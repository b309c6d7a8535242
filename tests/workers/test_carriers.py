"""One contract over all carriers: serial, threads, processes."""

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter

import pytest
from carried_runners import Beating, Counting, Dying, DyingOnce, Endless, Failing, Raising, Silent, Slow

from shoal import workers
from shoal.errors import UsageError
from shoal.workers import MODELS, Beat, Lost


@pytest.fixture
def carrier(request):
    """`shoal.workers.carrier`; for "cluster" with a client of a real one."""

    def made(model, *arguments, **options):
        if model != "cluster":
            return workers.carrier(model, *arguments, **options)
        client = request.getfixturevalue("dask_client")
        return workers.carrier(model, *arguments, client=client, **options)

    return made


models = pytest.mark.parametrize("model", [*MODELS, "cluster"])
local = pytest.mark.parametrize("model", MODELS)
shared = pytest.mark.parametrize("model", ["thread", "proc"])


@models
def test_every_message_comes_out_exactly_once(model, carrier):
    jobs = [("a", 700), ("b", 0), ("c", 1300)]
    seen = Counter(carrier(model, Counting, jobs).run())
    assert set(seen) == {(name, number) for name, length in jobs for number in range(length)}
    assert set(seen.values()) == {1}


@models
def test_the_messages_of_one_job_keep_their_order(model, carrier):
    messages = list(carrier(model, Counting, [("a", 300), ("b", 300)]).run())
    for name in "ab":
        assert [number for job, number in messages if job == name] == list(range(300))


@models
def test_a_job_that_raises_is_lost_and_the_others_go_on(model, carrier):
    messages = list(carrier(model, Failing, [("bad", 3), ("good", 50)]).run())
    lost = [message for message in messages if isinstance(message, Lost)]
    assert [(one.job, one.why) for one in lost] == [(0, "ValueError: the job is bad")]
    assert isinstance(lost[0].error, ValueError)
    assert len(messages) == 54


def test_a_killed_process_is_lost_and_the_others_go_on(carrier):
    messages = list(carrier("proc", Dying, [("bad", 3), ("good", 50)]).run())
    lost = [message for message in messages if isinstance(message, Lost)]
    assert [(one.job, one.why) for one in lost] == [(0, "the worker process died (signal 9)")]
    assert ("good", 49) in messages


def lost_of(messages):
    return [(message.job, message.why) for message in messages if isinstance(message, Lost)]


def test_a_process_killed_before_its_job_said_anything_is_replaced_and_the_job_returns(tmp_path, carrier):
    path = str(tmp_path / "died")
    messages = list(carrier("proc", DyingOnce, [(path, 1)], patience=30).run())
    assert [name for name, _ in messages] == [path]


def test_signs_of_life_do_not_keep_a_job_from_returning(tmp_path, carrier):
    messages = list(carrier("proc", Beating, [(str(tmp_path / "died"), 1)]).run())
    beats = [message for message in messages if isinstance(message, Beat)]
    assert [(beat.about, beat.done) for beat in beats] == [("it", 1), ("it", 1)]
    assert len(messages) == 3
    assert not any(isinstance(message, Lost) for message in messages)


def test_a_job_that_kills_each_of_its_workers_is_lost_once(carrier):
    messages = list(carrier("proc", Dying, [("bad", 0), ("good", 5), ("good", 5)], 1).run())
    assert lost_of(messages) == [(0, "the worker process died (signal 9)")]
    assert len(messages) == 11


def test_a_worker_that_somebody_tells_to_stop_is_not_taken_for_one_that_is_done(carrier):
    messages = []
    for message in carrier("proc", Endless, [("a", 0)]).run():
        messages.append(message)
        if len(messages) == 10:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGTERM)
    assert lost_of(messages) == [(0, "the worker process was told to stop (SIGTERM)")]


@shared
def test_a_silent_job_is_lost_and_the_others_go_on(model, carrier):
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
def test_a_slow_reader_is_not_taken_for_a_silent_job(model, carrier):
    messages = []
    for message in carrier(model, Counting, [("a", 300)], patience=0.1).run():
        if len(messages) in (1, 280):
            time.sleep(0.3)
        messages.append(message)
    assert lost_of(messages) == []
    assert len(messages) == 300


@shared
def test_a_slow_job_that_still_speaks_is_not_silent(model, carrier):
    messages = list(carrier(model, Slow, [("a", 4)], patience=1.0).run())
    assert messages == [("a", number) for number in range(4)]


@models
def test_no_job_is_taken_before_there_is_room_for_it(model, carrier):
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
def test_after_stop_no_job_is_begun(model, carrier):
    crew = carrier(model, Counting, ((str(number), 1) for number in range(1_000)), 2)
    names = set()
    for name, _ in crew.run():
        names.add(name)
        crew.stop()
    assert 1 <= len(names) <= 4


@models
def test_what_a_job_raises_is_told_with_the_error_where_it_can_travel(model, carrier):
    first = next(carrier(model, Failing, [("bad", 0)]).run())
    assert isinstance(first.error, ValueError)
    second = next(carrier(model, Raising, [("bad", 0)]).run())
    assert second.why == "Unportable: this and that"
    assert (second.error is None) is (model in ("proc", "cluster"))


@local
def test_stop_ends_every_job_early_and_loses_nothing_said_before(model, carrier):
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


@local
def test_walking_away_leaves_no_thread_and_no_process(model, carrier):
    before = threading.active_count()
    messages = carrier(model, Endless, [("a", 0), ("b", 0)]).run()
    next(messages)
    messages.close()
    assert threading.active_count() == before  # child processes: the leak check of every test


def test_an_unknown_model_is_a_usage_error(carrier):
    with pytest.raises(UsageError, match="no worker model 'fibre'"):
        carrier("fibre", Counting, [])
