"""A worker that nobody has answered for too long asks nobody, and does not make up for it afterwards."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace

import pytest

from shoal.crawl.spread import permit
from shoal.crawl.spread.permit import SHARE, Permit

TTL = 10.0


class Line:
    """A downloader that notes when it is asked."""

    def __init__(self, delay=0.0):
        self.asked = []
        slot = SimpleNamespace(delay=delay, latercall=None, lastseen=0.0)
        self.slots = {"host": slot}
        self.handlers = SimpleNamespace(download_request_async=self.ask)

    async def ask(self, request):
        self.asked.append((asyncio.get_running_loop().time(), request))

    def get_slot_key(self, _):
        return "host"

    def _later(self, slot):
        slot.latercall = None


@pytest.fixture
def now(monkeypatch):
    """The time, which is set by hand."""
    time = [100.0]
    monkeypatch.setattr(permit, "clock", lambda: time[0])
    return time


def test_after_most_of_a_lease_without_an_answer_nobody_is_asked(now):
    async def play():
        line = Line()
        may = Permit(line, TTL)
        ask = line.handlers.download_request_async
        now[0] += SHARE * TTL
        await ask("in time")
        now[0] += 0.1
        late = [asyncio.ensure_future(ask(name)) for name in ("late", "later")]
        await asyncio.sleep(0.02)
        assert [name for _, name in line.asked] == ["in time"]
        may.renew(now[0] - SHARE * TTL - 1)  # an answer to what was said too long ago
        await asyncio.sleep(0.02)
        assert len(line.asked) == 1
        may.renew(now[0])
        await asyncio.gather(*late)
        assert [name for _, name in line.asked] == ["in time", "late", "later"]

    asyncio.run(play())


def test_those_who_had_to_wait_keep_the_delay(now):
    async def play():
        line = Line(delay=0.04)
        may = Permit(line, TTL)
        now[0] += TTL
        waiting = [asyncio.ensure_future(line.handlers.download_request_async(number)) for number in range(3)]
        await asyncio.sleep(0)
        may.renew(now[0])
        await asyncio.gather(*waiting)
        moments = [moment for moment, _ in line.asked]
        assert all(later - earlier >= 0.04 for earlier, later in pairwise(moments))
        line.slots["host"].latercall.cancel()

    asyncio.run(play())
