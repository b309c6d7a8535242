"""Every crew keeps the same promises: order, an end that is never silent, a number that can be started again."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict

import pytest
from crew_works import die, echo, flood

from shoal.workers import Lost
from shoal.workers.crew import ProcessCrew

CREWS = ("proc", "cluster")


class Here:
    """A crew in a loop of its own, with what was heard."""

    def __init__(self, make):
        self._make = make
        self.said = defaultdict(list)

    def heard(self, number, message):
        self.said[number].append(message)

    async def until(self, condition, seconds=20.0):
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, dict(self.said)
            await asyncio.sleep(0.01)

    def run(self, work, play):
        async def all_of_it():
            self.crew = self._make(work, self.heard)
            try:
                await play(self)
            finally:
                await self.crew.close()

        asyncio.run(all_of_it())
        return self.said


@pytest.fixture(params=CREWS)
def here(request):
    if request.param == "proc":
        return Here(ProcessCrew)
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    request.getfixturevalue("dask_cluster")
    client = request.getfixturevalue("dask_client")
    from shoal.workers.cluster_crew import ClusterCrew

    return Here(lambda work, heard: ClusterCrew(work, heard, client))


def test_messages_go_both_ways_in_their_order(here):
    async def play(here):
        for number in (0, 1):
            here.crew.start(number, f"job {number}")
        await here.until(lambda: len(here.said) == 2)
        for part in range(500):
            for number in (0, 1):
                here.crew.send(number, part)
        await here.until(lambda: all(len(said) == 501 for said in here.said.values()))
        for number in (0, 1):
            here.crew.dismiss(number)
            here.crew.send(number, None)

    said = here.run(echo, play)
    for number in (0, 1):
        assert said[number][1:] == [[f"job {number}", part] for part in range(500)]
    assert len({said[0][0][1], said[1][0][1], os.getpid()}) == 3


@pytest.mark.parametrize(
    ("how", "told"), [("kill", "signal 9"), ("exit", "exit status 7"), ("return", "exit status 0")]
)
def test_who_ends_without_having_been_let_go_is_lost_and_may_be_begun_again(here, how, told):
    async def play(here):
        for times in (1, 2):
            here.crew.start(5, how)
            await here.until(lambda times=times: len(here.said[5]) == 2 * times)

    said = here.run(die, play)[5]
    assert [said[0], said[2]] == ["here", "here"]
    for lost in (said[1], said[3]):
        assert isinstance(lost, Lost)
        assert told in lost.why


def test_who_is_killed_is_lost_and_who_was_let_go_is_not(here):
    async def play(here):
        for number in (0, 1):
            here.crew.start(number, "sleep")
        await here.until(lambda: all(here.said[number] for number in (0, 1)))
        here.crew.dismiss(1)
        here.crew.kill(0)
        here.crew.kill(1)
        await here.until(lambda: len(here.said[0]) == 2)

    said = here.run(die, play)
    assert isinstance(said[0][1], Lost)
    assert said[1] == ["here"]


def test_close_ends_those_who_work(here):
    pids = []

    async def play(here):
        here.crew.start(0, "job")
        await here.until(lambda: here.said[0])
        pids.append(here.said[0][0][1])

    assert len(here.run(echo, play)[0]) == 1
    ends = time.monotonic() + 5
    while os.path.exists(f"/proc/{pids[0]}") and time.monotonic() < ends:
        time.sleep(0.01)
    assert not os.path.exists(f"/proc/{pids[0]}")


def test_who_is_not_heard_has_to_wait(here, tmp_path):
    count = tmp_path / "count"

    async def play(here):
        here.crew.start(0, [str(count), 400])  # 40 MB
        await here.until(lambda: here.said[0])
        here.crew.hold()
        before = -2
        while before != (before := int(count.read_text() or -1)):
            await asyncio.sleep(0.3)
        assert before < 350
        here.crew.dismiss(0)
        here.crew.resume()
        await here.until(lambda: len(here.said[0]) == 400)

    said = here.run(flood, play)[0]
    assert [number for number, _ in said] == list(range(400))


@pytest.mark.usefixtures("dask_cluster")
def test_what_has_no_room_waits_or_is_withdrawn(request):
    client = request.getfixturevalue("dask_client")
    from shoal.workers.cluster_crew import ClusterCrew

    async def play(here):
        for number in range(4):  # there is room for two
            here.crew.start(number, "sleep")
        await here.until(lambda: len(here.said) == 2)
        at_work = sorted(here.said)
        here.crew.kill(at_work[0])
        await here.until(lambda: len(here.said) == 3)
        assert len(here.crew.withdraw()) == 1

    said = Here(lambda work, heard: ClusterCrew(work, heard, client)).run(die, play)
    assert len(said) == 3
