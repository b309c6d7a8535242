"""One contract for all frontiers: whatever keeps the requests, they come out in the order a plain model says."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.crawl import squeues
from shoal.crawl.frontier.durable import DurableFrontier
from shoal.crawl.frontier.job_file import JobFile
from shoal.crawl.frontier.memory import MemoryFrontier, NewestFirst, OldestFirst, SlotFrontier
from shoal.crawl.frontier.ring import SlotRing
from shoal.crawl.pqueues import DownloaderAwarePriorityQueue, ScrapyPriorityQueue
from shoal.crawl.request import Request
from shoal.crawl.settings import Settings

HOSTS = ("a.example", "b.example", "c.example")


class Line:
    """A downloader of which only the slots matter: how many are on their way in each."""

    def __init__(self):
        self.slots = {}

    def get_slot_key(self, request):
        return request.url.split("/")[2]

    def set_active(self, **counts):
        self.slots.update({name: SimpleNamespace(active=range(count)) for name, count in counts.items()})


def a_crawler(line=None):
    return SimpleNamespace(settings=Settings(), spider=None, engine=SimpleNamespace(downloader=line or Line()))


def over(kind, usual, start):
    """A maker of frontiers of that kind: maker(folder, line, what the one before gave when it closed)."""
    usual, start = getattr(squeues, usual), getattr(squeues, start)

    def make(folder, line, state=None):
        return kind(a_crawler(line), usual, f"{folder}/queue", state or {}, start_queue_cls=start)

    return make


class InAFile(DurableFrontier):
    """The durable frontier, acknowledging what it gives."""

    def __init__(self, folder, line=None):
        self._file = JobFile(folder)
        ring, slot_of = (SlotRing(line), line.get_slot_key) if line else (None, None)
        super().__init__(self._file, None, self.write_all, ring, slot_of)

    def write_all(self):
        self._file.transact(self.write)
        self.written()

    def pop(self):
        request = super().pop()
        if request is not None:
            self.acknowledge(self.hand_over(request))
        return request

    def close(self):
        self.write_all()
        left = self._file.db.execute("SELECT count(*) FROM waiting").fetchone()[0]
        self._file.close()
        return left


DISK_QUEUES = ("Data{}DiskQueue", "Data{}SQLiteQueue", "Pickle{}DiskQueue", "Marshal{}SQLiteQueue")
ON_DISK = {
    (kind, queue): over(kind, queue.format("Lifo"), queue.format("Fifo"))
    for kind in (ScrapyPriorityQueue, DownloaderAwarePriorityQueue)
    for queue in DISK_QUEUES
}
IN_A_FILE = {
    (InAFile, "one"): lambda folder, line, state=None: InAFile(folder),
    (InAFile, "by slot"): lambda folder, line, state=None: InAFile(folder, line),
}
IN_MEMORY = {
    (MemoryFrontier, ""): lambda folder, line, state=None: MemoryFrontier(),
    (SlotFrontier, ""): lambda folder, line, state=None: SlotFrontier(line),
    (ScrapyPriorityQueue, "memory"): over(ScrapyPriorityQueue, "LifoMemoryQueue", "FifoMemoryQueue"),
    (DownloaderAwarePriorityQueue, "memory"): over(DownloaderAwarePriorityQueue, "LifoMemoryQueue", "FifoMemoryQueue"),
}
ALL = IN_MEMORY | ON_DISK | IN_A_FILE
KEPT = ON_DISK | IN_A_FILE


def by_slot(case):
    return case[0] in (SlotFrontier, DownloaderAwarePriorityQueue) or case[1] == "by slot"


def named(case):
    return f"{case[0].__name__}-{case[1].format('')}"


class Model:
    """What the frontiers are compared with: a list that is searched from end to end."""

    def __init__(self, by_slot):
        self.by_slot = by_slot
        self.waiting = []
        self.last = ""

    def push(self, number, priority, start, host):
        self.waiting.append((-priority, start, number if start else -number, host if self.by_slot else "", number))

    def pop(self):
        if not self.waiting:
            return None
        slots = sorted({entry[3] for entry in self.waiting})
        slot = next((name for name in slots if name > self.last), slots[0])
        entry = min(entry for entry in self.waiting if entry[3] == slot)
        self.waiting.remove(entry)
        self.last = slot
        return entry[4]


def numbered(number, priority=0, start=False, host="a.example"):
    meta = {"is_start_request": True} if start else None
    return Request(f"https://{host}/{number}", priority=priority, meta=meta)


def number_of(request):
    return None if request is None else int(request.url.rsplit("/", 1)[1])


PUSHES = st.tuples(st.just("push"), st.integers(-2, 2), st.booleans(), st.sampled_from(HOSTS))
DEEDS = st.lists(PUSHES | st.just(("pop",)), max_size=40)


def drain(frontier):
    while (request := frontier.pop()) is not None:
        yield number_of(request)


def play(deeds, frontier, model):
    """Do the deeds on both, comparing each pop, and what is to come, and how much there is."""
    for number, (deed, *rest) in enumerate(deeds):
        if deed == "push":
            priority, start, host = rest
            frontier.push(numbered(number, priority, start, host))
            model.push(number, priority, start, host)
        else:
            coming = number_of(frontier.peek())
            assert coming == number_of(frontier.pop()) == model.pop()
        assert len(frontier) == len(model.waiting)


@pytest.mark.parametrize("case", ALL, ids=named)
@settings(max_examples=15)
@given(deeds=DEEDS)
def test_requests_come_out_in_the_order_of_the_model(case, deeds, tmp_path_factory):
    frontier = ALL[case](tmp_path_factory.mktemp("job"), Line())
    model = Model(by_slot(case))
    play(deeds, frontier, model)
    assert list(drain(frontier)) == [model.pop() for _ in range(len(model.waiting))]
    assert not frontier.close()


@pytest.mark.parametrize("case", KEPT, ids=named)
@settings(max_examples=8)
@given(before=DEEDS, after=DEEDS)
def test_a_frontier_on_disk_goes_on_where_it_was_closed(case, before, after, tmp_path_factory):
    folder, model = tmp_path_factory.mktemp("job"), Model(by_slot(case))
    first = KEPT[case](folder, Line())
    play(before, first, model)
    second = KEPT[case](folder, Line(), first.close())
    model.last = ""
    shifted = [("pop",)] * len(before) + after  # numbers of requests go on from those of the first run
    play([], second, model)
    assert len(second) == len(model.waiting)
    assert list(drain(second)) == [model.pop() for _ in range(len(model.waiting))]
    play(shifted, second, model)
    second.close()


@pytest.mark.parametrize("case", ON_DISK, ids=named)
def test_nothing_stays_on_disk_of_a_frontier_that_is_empty(case, tmp_path):
    frontier = ON_DISK[case](tmp_path, Line())
    for number in range(6):
        frontier.push(numbered(number, priority=number % 3, start=bool(number % 2), host=HOSTS[number % 2]))
    assert len(list(drain(frontier))) == 6
    assert not frontier.close()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("case", KEPT, ids=named)
def test_a_request_that_cannot_be_kept_leaves_no_trace(case, tmp_path):
    frontier = KEPT[case](tmp_path, Line())
    with pytest.raises(ValueError, match=r"cannot keep|pickle|unmarshallable"):
        frontier.push(Request("https://a.example/", meta={"function": lambda: None}))
    assert len(frontier) == 0
    assert frontier.pop() is None
    assert not frontier.close()


@pytest.mark.parametrize(
    ("usual", "start", "expected"),
    [
        (NewestFirst, OldestFirst, [4, 2, 1, 3]),
        (OldestFirst, OldestFirst, [2, 4, 1, 3]),
        (NewestFirst, NewestFirst, [4, 2, 3, 1]),
        (NewestFirst, None, [4, 3, 2, 1]),
    ],
)
def test_the_queues_of_a_rank_are_chosen_by_settings(usual, start, expected):
    frontier = MemoryFrontier(usual, start)
    for number in (1, 2, 3, 4):
        frontier.push(numbered(number, start=bool(number % 2)))
    assert frontier
    assert list(drain(frontier)) == expected
    assert not frontier


@pytest.mark.parametrize("case", [*filter(by_slot, ALL)], ids=named)
def test_the_slot_with_the_fewest_downloads_goes_first(case, tmp_path):
    line = Line()
    frontier = ALL[case](tmp_path, line)
    for number, host in enumerate(HOSTS):
        frontier.push(numbered(number, host=host))
    line.set_active(**{"a.example": 2, "b.example": 3, "c.example": 1})
    assert list(drain(frontier)) == [2, 0, 1]
    frontier.close()
