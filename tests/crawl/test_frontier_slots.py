"""Late binding: what a slot has no room for stays in the frontier, where something better can still overtake it."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from shoal.crawl.frontier.memory import SlotFrontier
from shoal.crawl.request import Request


class Downloader:
    """Slots of two places each, unless `per_slot_settings` says otherwise."""

    domain_concurrency = 2

    def __init__(self, **own):
        self.slots = {}
        self.per_slot_settings = own

    def get_slot_key(self, request):
        return request.url.split("/")[2]

    def begin(self, request):
        name = self.get_slot_key(request)
        limit = self.per_slot_settings.get(name, {}).get("concurrency", self.domain_concurrency)
        self.slots.setdefault(name, SimpleNamespace(active=set(), concurrency=limit)).active.add(request)

    def end(self, request):
        self.slots[self.get_slot_key(request)].active.discard(request)


def waiting(frontier, host, count, **more):
    for number in range(count):
        frontier.push(Request(f"https://{host}/{number}", **more))


def taken(frontier):
    while (request := frontier.pop()) is not None:
        yield request


def hosts(requests):
    return Counter(request.url.split("/")[2] for request in requests)


def test_a_slot_takes_no_more_than_it_has_room_for():
    downloader = Downloader()
    frontier = SlotFrontier(downloader)
    waiting(frontier, "slow", 10)
    on_their_way = []
    for request in taken(frontier):
        downloader.begin(request)
        on_their_way.append(request)
    assert len(on_their_way) == 2
    assert len(frontier) == 8
    downloader.end(on_their_way[0])
    assert frontier.pop() is not None


def test_one_slow_host_leaves_the_places_of_others_free():
    downloader = Downloader()
    frontier = SlotFrontier(downloader)
    waiting(frontier, "slow", 1000)
    for request in taken(frontier):
        downloader.begin(request)
    waiting(frontier, "quick", 5)
    assert frontier.peek().url.startswith("https://quick/")


def test_a_request_of_higher_priority_overtakes_those_that_wait_for_a_full_slot():
    downloader = Downloader()
    frontier = SlotFrontier(downloader)
    waiting(frontier, "host", 5)
    on_their_way = []
    for request in taken(frontier):
        downloader.begin(request)
        on_their_way.append(request)
    frontier.push(Request("https://host/urgent", priority=1))
    assert frontier.pop() is None
    downloader.end(on_their_way[0])
    assert frontier.pop().url == "https://host/urgent"


def test_requests_taken_in_one_round_count_before_the_downloader_has_seen_them():
    rounds = []
    frontier = SlotFrontier(Downloader(), soon=rounds.append)
    waiting(frontier, "a", 10)
    waiting(frontier, "b", 10)
    assert hosts(taken(frontier)) == {"a": 2, "b": 2}
    (clear,) = rounds
    clear()
    assert hosts(taken(frontier)) == {"a": 2, "b": 2}
    assert len(rounds) == 2


def test_a_slot_with_a_concurrency_of_its_own_keeps_to_it():
    frontier = SlotFrontier(Downloader(a={"concurrency": 1}, b={"concurrency": 0}), soon=lambda call: None)
    waiting(frontier, "a", 10)
    waiting(frontier, "b", 10)
    assert hosts(taken(frontier)) == {"a": 1, "b": 10}


def test_a_choice_among_many_slots_looks_only_at_the_busy_ones():
    class Looked(dict):
        looks = 0

        def get(self, *args):
            self.looks += 1
            return super().get(*args)

    downloader = Downloader()
    downloader.slots = slots = Looked()
    frontier = SlotFrontier(downloader)
    for number in range(5000):
        waiting(frontier, f"host{number:04}", 1)
    slots.looks = 0
    for _ in range(1000):
        downloader.begin(frontier.pop())
    assert slots.looks <= 2000


def test_what_lies_in_one_slot_only_is_found_by_its_name():
    frontier = SlotFrontier(Downloader())
    waiting(frontier, "here", 1)
    assert "here" in frontier
    assert "there" not in frontier
    frontier.pop()
    assert "here" not in frontier
