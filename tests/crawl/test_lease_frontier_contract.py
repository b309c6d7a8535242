"""The contract of lease frontiers, for every backend: a backend is one line in BACKENDS."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shoal.crawl.frontier.leases import AT_ONCE, Ack, Entry, LeaseStats
from shoal.crawl.frontier.leases_memory import MemoryLeases
from shoal.crawl.frontier.leases_sqlite import SqliteLeases

# Name -> a function that makes one, given a fresh folder.
BACKENDS = {
    "memory": lambda folder: MemoryLeases(),
    "sqlite": lambda folder: SqliteLeases(folder / "leases.sqlite" if folder else ":memory:"),
}


@pytest.fixture(params=BACKENDS)
def frontier(request, tmp_path):
    made = BACKENDS[request.param](tmp_path)
    yield made
    made.close()


def entry(host, number, priority=0):
    return Entry(host, f'["{host}/{number}"]', f"{host}/{number}".encode().ljust(20, b"."), priority)


def entries(host, count):
    return [entry(host, number) for number in range(count)]


def texts(leases):
    return [text for lease in leases for text in lease.entries]


def numbers(lease):
    return [int(text.strip('"[]').split("/")[1]) for text in lease.entries]


def test_what_is_known_is_not_added_again(frontier):
    assert frontier.add([entry("a", 1), entry("a", 2), entry("a", 1)]) == 2
    assert frontier.add([entry("a", 2), entry("b", 2)]) == 1
    assert frontier.stats() == LeaseStats(added=3, waiting=3)


def test_what_is_done_is_still_known(frontier):
    frontier.add([entry("a", 1)])
    (lease,) = frontier.lease("w", 9, 9, 10, 0)
    frontier.ack([Ack(lease.token)], 1)
    assert frontier.add([entry("a", 1)]) == 0


def test_an_entry_without_fingerprint_is_always_new(frontier):
    assert frontier.add([Entry("a", "[1]"), Entry("a", "[1]")]) == 2
    (lease,) = frontier.lease("w", 9, 9, 10, 0)
    assert lease.entries == ("[1]", "[1]")


def test_data_comes_back_as_it_was(frontier):
    odd = '["http://a/?q=\\"\u00e9\u6f22\\u0000", "parse", {"meta": {}}]'
    frontier.add([Entry("a", odd)])
    assert texts(frontier.lease("w", 1, 1, 10, 0)) == [odd]


def test_the_highest_priority_goes_first_and_equals_in_their_order(frontier):
    frontier.add([entry("a", 1), entry("a", 2, priority=5), entry("a", 3), entry("a", 4, priority=5)])
    frontier.add([entry("a", 5, priority=-1)])
    (lease,) = frontier.lease("w", 1, 9, 10, 0)
    assert numbers(lease) == [2, 4, 1, 3, 5]


def test_a_batch_is_no_larger_than_asked_for(frontier):
    frontier.add([*entries("a", 10), *entries("b", 3), *entries("c", 1)])
    leases = frontier.lease("w", 2, 4, 10, 0)
    assert [(lease.host, len(lease.entries)) for lease in leases] == [("a", 4), ("b", 3)]


def test_hosts_take_turns(frontier):
    for host in "abc":
        frontier.add(entries(host, 9))
    asked = []
    for _ in range(6):
        (lease,) = frontier.lease("w", 1, 1, 10, 0)
        frontier.ack([Ack(lease.token)], 0)
        asked.append(lease.host)
    assert asked == ["a", "b", "c", "a", "b", "c"]


def test_a_host_belongs_to_one_worker(frontier):
    frontier.add(entries("a", 9))
    (lease,) = frontier.lease("one", 9, 2, 10, 0)
    assert frontier.lease("two", 9, 2, 10, 0) == []
    frontier.ack([Ack(lease.token)], 1)
    assert frontier.lease("two", 9, 2, 10, 2) == []
    assert numbers(frontier.lease("one", 9, 2, 10, 2)[0]) == [2, 3]


def test_a_host_stays_with_its_worker_when_nothing_waits(frontier):
    frontier.add([entry("a", 1)])
    (lease,) = frontier.lease("one", 9, 9, 10, 0)
    frontier.ack([Ack(lease.token)], 1)
    frontier.add([entry("a", 2)])
    assert frontier.lease("two", 9, 9, 10, 2) == []
    assert len(frontier.lease("one", 9, 9, 10, 2)) == 1


def test_a_worker_has_the_next_batch_of_a_host_before_the_first_is_done(frontier):
    frontier.add(entries("a", 9))
    given = [frontier.lease("w", 9, 2, 10, 0) for _ in range(AT_ONCE + 1)]
    assert [len(leases) for leases in given] == [1] * AT_ONCE + [0]
    frontier.ack([Ack(given[0][0].token)], 0)
    assert len(frontier.lease("w", 9, 2, 10, 0)) == 1


def test_a_shared_host_may_be_with_several_workers(frontier):
    frontier.add(entries("a", 9))
    one = [frontier.lease("one", 9, 2, 10, 0, shared=True) for _ in range(AT_ONCE + 1)]
    assert [len(leases) for leases in one] == [1] * AT_ONCE + [0]
    assert len(frontier.lease("two", 9, 2, 10, 0, shared=True)) == 1


def test_a_host_that_is_not_to_be_asked_yet_is_not_leased(frontier):
    frontier.add([*entries("a", 4), *entries("b", 4)])
    first, _ = frontier.lease("w", 9, 1, 10, 0)
    frontier.ack([Ack(first.token, next_allowed=50)], 1)
    assert [lease.host for lease in frontier.lease("w", 9, 1, 10, 49)] == ["b"]
    assert frontier.next_turn(49) == 50
    assert "a" in [lease.host for lease in frontier.lease("w", 9, 1, 10, 50)]


def test_a_pause_holds_also_for_a_host_that_has_its_turn_and_the_later_moment_wins(frontier):
    frontier.add(entries("a", 4))
    frontier.pause("a", 30)
    frontier.pause("a", 20)
    assert frontier.lease("w", 9, 1, 10, 25) == []
    assert len(frontier.lease("w", 9, 1, 10, 30)) == 1


def test_a_pause_may_come_before_the_first_entry(frontier):
    frontier.pause("a", 30)
    frontier.add(entries("a", 4))
    assert frontier.lease("w", 9, 1, 10, 25) == []


def test_the_delay_of_a_host_goes_with_its_leases(frontier):
    frontier.add(entries("a", 4))
    (lease,) = frontier.lease("w", 9, 1, 10, 0)
    assert lease.delay == 0
    frontier.ack([Ack(lease.token, delay=2.5)], 1)
    (lease,) = frontier.lease("w", 9, 1, 10, 1)
    assert lease.delay == 2.5
    frontier.ack([Ack(lease.token)], 2)
    assert frontier.lease("w", 9, 1, 10, 2)[0].delay == 2.5


def test_a_lease_that_is_not_acknowledged_in_time_comes_back(frontier):
    frontier.add(entries("a", 4))
    (lease,) = frontier.lease("one", 9, 2, 10, 0)
    assert frontier.next_turn(5) == 10
    (again,) = frontier.lease("two", 9, 4, 10, 10)
    assert numbers(again) == [0, 1, 2, 3]
    assert again.token > lease.token
    assert frontier.stats() == LeaseStats(added=4, leased=4, returned=2)


def test_all_leases_of_a_host_end_when_one_does(frontier):
    frontier.add(entries("a", 4))
    (first,) = frontier.lease("one", 9, 2, 10, 0)
    (second,) = frontier.lease("one", 9, 2, 10, 5)
    (again,) = frontier.lease("two", 9, 9, 10, 12)
    assert numbers(again) == [0, 1, 2, 3]
    assert frontier.ack([Ack(first.token), Ack(second.token)], 13) == 0
    assert frontier.stats().stale == 2


def test_an_extended_lease_lasts(frontier):
    frontier.add(entries("a", 1))
    (lease,) = frontier.lease("one", 9, 2, 10, 0)
    assert frontier.extend([lease.token, lease.token + 99], 10, 8) == {lease.token}
    assert frontier.lease("two", 9, 2, 10, 12) == []
    assert frontier.extend([lease.token], 10, 18) == set()
    assert len(frontier.lease("two", 9, 2, 10, 18)) == 1


def test_what_was_not_carried_out_waits_again_in_its_old_place(frontier):
    frontier.add(entries("a", 6))
    (lease,) = frontier.lease("w", 9, 4, 10, 0)
    assert frontier.ack([Ack(lease.token, undone=(1, 3))], 1) == 2
    assert numbers(frontier.lease("w", 9, 9, 10, 1)[0]) == [1, 3, 4, 5]


def test_what_a_worker_had_waits_again_when_it_is_gone(frontier):
    frontier.add([*entries("a", 4), *entries("b", 2)])
    frontier.lease("one", 9, 2, 10, 0)
    frontier.lease("one", 9, 2, 10, 0)
    assert frontier.release("one", 1) == 6
    assert frontier.release("one", 1) == 0
    assert sorted(texts(frontier.lease("two", 9, 9, 10, 1))) == sorted(
        text for _, text, *_ in [*entries("a", 4), *entries("b", 2)]
    )


def test_hosts_of_a_worker_that_is_gone_are_free_though_it_had_no_lease(frontier):
    frontier.add(entries("a", 4))
    (lease,) = frontier.lease("one", 9, 2, 10, 0)
    frontier.ack([Ack(lease.token)], 0)
    assert frontier.lease("two", 9, 9, 10, 1) == []
    frontier.release("one", 1)
    assert len(frontier.lease("two", 9, 9, 10, 1)) == 1


def test_a_pause_outlives_the_worker(frontier):
    frontier.add(entries("a", 4))
    frontier.lease("one", 9, 2, 10, 0)
    frontier.pause("a", 40)
    frontier.release("one", 1)
    assert frontier.lease("two", 9, 9, 10, 39) == []


def test_a_clock_that_jumps_back_loses_nothing(frontier):
    frontier.add(entries("a", 4))
    (lease,) = frontier.lease("one", 9, 2, 10, 1000)
    assert frontier.ack([Ack(lease.token)], 5) == 2
    assert len(frontier.lease("one", 9, 9, 10, 5)) == 1


HOSTS, WORKERS, TTL = ("a", "b", "c"), ("one", "two"), 10.0


class Life(RuleBasedStateMachine):
    """Entries are added, leased, acknowledged; workers crash; leases end; the clock jumps. Nothing is lost."""

    make = staticmethod(BACKENDS["memory"])

    def __init__(self):
        super().__init__()
        self.frontier = self.make(None)
        self.now, self.number = 1e6, 0  # no jump leads before 0
        self.added, self.done = set(), set()
        # Token -> (worker, host, texts): those we believe to stand, or not to know about any more.
        self.ours, self.last_token = {}, 0
        # Until when a host is paused, and the latest of all such moments.
        self.paused, self.latest = {}, 0

    @rule(host=st.sampled_from(HOSTS), count=st.integers(1, 6), priority=st.integers(-1, 1))
    def add(self, host, count, priority):
        new = [entry(host, self.number + each, priority) for each in range(count)]
        self.number += count
        assert self.frontier.add([*new, *new]) == count
        self.added |= {made.data for made in new}

    @rule(worker=st.sampled_from(WORKERS), hosts=st.integers(1, 3), per_host=st.integers(1, 4))
    def lease(self, worker, hosts, per_host):
        leases = self.frontier.lease(worker, hosts, per_host, TTL, self.now)
        assert len(leases) <= hosts
        assert len({lease.host for lease in leases}) == len(leases)
        for lease in leases:
            assert lease.token > self.last_token
            self.last_token = max(self.last_token, lease.token)
            assert self.paused.get(lease.host, 0) <= self.now
            assert 1 <= len(lease.entries) <= per_host
            assert not self.done & set(lease.entries)
            self.ours[lease.token] = worker, lease.host, lease.entries
        # A pause that was seen to be over is over, though the clock may jump back.
        self.paused = {host: until for host, until in self.paused.items() if until > self.now}
        standing = self.frontier.extend(list(self.ours), TTL, self.now)
        texts = [text for token in standing for text in self.ours[token][2]]
        assert len(texts) == len(set(texts))
        for host in HOSTS:
            assert len({self.ours[token][0] for token in standing if self.ours[token][1] == host}) <= 1

    @precondition(lambda self: self.ours)
    @rule(data=st.data())
    def acknowledge(self, data):
        token = data.draw(st.sampled_from(sorted(self.ours)))
        _, host, texts = self.ours.pop(token)
        undone = data.draw(st.sets(st.integers(0, len(texts) - 1)))
        until = self.now + data.draw(st.sampled_from([0, 3]))
        stale = self.frontier.stats().stale
        done = self.frontier.ack([Ack(token, until, undone=tuple(undone))], self.now)
        if self.frontier.stats().stale > stale:
            assert done == 0
            return
        assert done == len(texts) - len(undone)
        self.done |= {text for place, text in enumerate(texts) if place not in undone}
        self._pause(host, until)

    def _pause(self, host, until):
        self.paused[host] = max(self.paused.get(host, 0), until)
        self.latest = max(self.latest, until)

    @rule(worker=st.sampled_from(WORKERS))
    def crash(self, worker):
        self.frontier.release(worker, self.now)

    @rule(seconds=st.sampled_from([1.0, 4.0, 11.0, -5.0, 3600.0, -3600.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule(host=st.sampled_from(HOSTS), seconds=st.integers(0, 5))
    def pause(self, host, seconds):
        self.frontier.pause(host, self.now + seconds)
        self._pause(host, self.now + seconds)

    @invariant()
    def counts_agree(self):
        stats = self.frontier.stats()
        assert stats.added == len(self.added)
        assert stats.done == len(self.done)
        assert stats.added == stats.done + stats.leased + stats.waiting

    def teardown(self):
        """Whatever happened, what is not done can still be had, once."""
        for worker in WORKERS:
            self.frontier.release(worker, self.now)
        self.now = max(self.now, self.latest)
        left = []
        while leases := self.frontier.lease("last", 9, 9, TTL, self.now):
            left += texts(leases)
            self.frontier.ack([Ack(lease.token) for lease in leases], self.now)
        assert sorted(left) == sorted(self.added - self.done)
        self.frontier.close()


TestLifeInMemory = Life.TestCase
TestLifeInMemory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


class LifeInAFile(Life):
    make = staticmethod(BACKENDS["sqlite"])


TestLifeInAFile = LifeInAFile.TestCase
TestLifeInAFile.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
