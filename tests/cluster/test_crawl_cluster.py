"""A crawl on a real cluster, and what may befall it: no page is lost, and no host is asked too soon or from two places.

What hosts were asked, and when, is read from the servers' own logs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

sys.path.append(str(Path(__file__).parents[1] / "crawl"))

from spread_spiders import Stamped, Unsendable, Walker, town
from test_cluster import cluster, process_of

from shoal.cluster import keys
from shoal.crawl.api import run, stream
from shoal.crawl.exceptions import UsageError as UsageOfCrawls
from shoal.crawl.loops import new_loop
from shoal.crawl.settings import Settings
from shoal.errors import UsageError

pytestmark = pytest.mark.usefixtures("dask_cluster")  # what Dask keeps for ever stands before the first test
new_loop(Settings()).close()  # the first loop of libuv opens a pipe that stays

DELAY = 0.06
POLITE = {"DOWNLOAD_DELAY": DELAY, "DOWNLOAD_DELAY_JITTER": 0.0, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
STAMPED = {**POLITE, "DOWNLOADER_MIDDLEWARES": {Stamped: 1}}
LATE = 0.05
LEASE = 2.0
SPIDER = """
import os
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider

class Walker(Spider):
    name = "walker"

    async def start(self):
        yield Request(self.url, self.parse, dont_filter=True)

    def parse(self, response):
        yield {"title": response.css("h1::text").get(), "pid": os.getpid()}
        yield from response.follow_all(css="a")
"""


def titles(items):
    return sorted(item["title"] for item in items)


def impolite(place):
    """Whatever breaks the delay, by host: (seconds, requests) that are too many, and changes of the asker too soon.

    A busy machine reads requests when it can: so many moments may be late by `LATE`, but not one after the other.
    """
    broken = []
    for host, asked in place.askers.items():
        moments = [at for at, _ in asked]
        for many in range(2, 9):
            spans = [(later - earlier, many) for earlier, later in zip(moments, moments[many:], strict=False)]
            broken += [(host, span, count) for span, count in spans if span < count * DELAY - LATE]
        changes = [(one, other) for one, other in pairwise(asked) if one[1] != other[1]]
        broken += [(host, "soon", change) for change in changes if change[1][0] - change[0][0] < DELAY - 0.01]
        if len(changes) > 2:
            broken.append((host, "to and fro", changes))
        if place.servers[host].observed.most_in_flight > 1:
            broken.append((host, "twice at once"))
    return broken


async def walk(place, settings, after, deed):
    """The items; after so many of them something is done, which gets the item."""
    items = []
    async for item in stream(Walker, settings, ahead=1, url=place.url):
        items.append(item)
        if len(items) == after:
            deed(item)
    return items


def test_a_cluster_gives_the_same_items_and_a_host_is_one_workers(monkeypatch, tmp_path):
    known = keys.made(tmp_path / "keys")
    with town(3) as place, cluster(monkeypatch, keys=str(known.folder)) as (_, scheduler):
        done = run(Walker, {"CLUSTER": scheduler, "CLUSTER_KEYS": str(known.folder), **STAMPED}, url=place.url)
        with pytest.raises(UsageError, match="refuses our key"):
            run(Walker, {"CLUSTER": scheduler, "CLUSTER_KEYS": keys.made(tmp_path / "others").folder}, url=place.url)
    assert titles(done.items) == place.titles()
    assert done.reason == "finished"
    assert done.stats["response_received_count"] == len(done.items) == done.stats["scheduler/dequeued"]
    assert impolite(place) == []
    hosts = {host: {item["pid"] for item in done.items if item["title"][0] == host} for host in "012"}
    assert all(len(pids) == 1 for pids in hosts.values())
    assert len(set.union(*hosts.values())) == 2


@pytest.mark.parametrize("role", ["worker", "scheduler", "process"])
def test_nothing_is_lost_when_somebody_is_killed(monkeypatch, role):
    with town(3) as place, cluster(monkeypatch) as (crew, scheduler):
        member = None if role == "process" else process_of(crew, role)
        settings = {"CLUSTER": scheduler, "CLUSTER_LEASE": LEASE, **STAMPED}
        items = asyncio.run(walk(place, settings, 45, lambda item: os.kill(member or item["pid"], signal.SIGKILL)))
    assert sorted(set(titles(items))) == place.titles()
    assert impolite(place) == []


def wake(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("whom", ["member", "process"])
def test_a_worker_that_is_stopped_beyond_its_lease_costs_nothing_and_asks_nobody_when_it_wakes(monkeypatch, whom):
    woken = []

    def stop(pid):
        os.kill(pid, signal.SIGSTOP)
        waking = threading.Timer(2 * LEASE, wake, (pid,))
        waking.start()
        woken.append(waking)

    with town(3) as place, cluster(monkeypatch) as (crew, scheduler):
        member = process_of(crew, "worker")
        deed = (lambda item: stop(item["pid"])) if whom == "process" else lambda _: stop(member)
        try:
            items = asyncio.run(walk(place, {"CLUSTER": scheduler, "CLUSTER_LEASE": LEASE, **STAMPED}, 45, deed))
        finally:
            woken[0].join()
    assert sorted(set(titles(items))) == place.titles()
    assert impolite(place) == []


def test_a_killed_coordinator_goes_on_with_its_job(monkeypatch, tmp_path, python):
    (tmp_path / "walker.py").write_text(SPIDER)
    with town(3) as place, cluster(monkeypatch) as (_, scheduler):
        words = [python, "-m", "shoal", "runspider", "walker.py", "-a", f"url={place.url}", "--cluster", scheduler]
        words += ["--job", "job", "-o", "items.jsonl", "-s", "LOG_LEVEL=ERROR"]
        words += [part for name, value in POLITE.items() for part in ("-s", f"{name}={value}")]
        for after in (40, 90):
            crawling = subprocess.Popen(words, cwd=tmp_path)
            try:
                while sum(map(len, place.asked.values())) < after:
                    assert crawling.poll() is None
                    threading.Event().wait(0.01)
            finally:
                crawling.kill()
                crawling.wait()
        assert subprocess.run(words, cwd=tmp_path, check=False).returncode == 0
        again = subprocess.run(words, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "nothing is left to do" in again.stderr
    found = [json.loads(line)["title"] for line in (tmp_path / "items.jsonl").read_text().splitlines()]
    assert sorted(found) == ["0/0", *place.titles()]  # each once; what the start asks for unfiltered is linked to, too
    assert impolite(place) == []
    asked = Counter((host, path) for host, several in place.asked.items() for _, path in several)
    assert sum(asked.values()) - len(asked) <= 2 * 3 * 2 * 8  # times killed, hosts, leases of a host, pages of a lease


def test_what_cannot_be_sent_ends_the_crawl_with_a_sentence(dask_cluster, caplog):
    with town(1) as place:
        done = run(Unsendable, {"CLUSTER": dask_cluster, "WORKERS": 1}, url=place.url)
        assert not done
        assert done.reason == "workers_failed"
        assert "an item cannot be sent to another machine: cannot keep a value of type builtins.object" in caplog.text
        with pytest.raises(UsageOfCrawls, match="cannot be sent"):
            run(Walker, {"CLUSTER": dask_cluster}, url=place.url, lock=threading.Lock())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cluster", "tcp://192.0.2.1:8786"], "neither encrypted nor on this machine"),
        (["--cluster", "http://there"], "is not the address of a scheduler"),
        (["--cluster", "tls://127.0.0.1:1", "--cluster-keys", "nowhere"], "there are no cluster keys in nowhere"),
        (["--cluster", "tcp://127.0.0.1:1", "-m", "proc"], "one or the other"),
        (["-j", "2"], "only -m proc and --cluster"),
    ],
)
def test_words_that_make_no_sense_are_told(tmp_path, python, words, said):
    (tmp_path / "walker.py").write_text(SPIDER)
    done = subprocess.run(
        [python, "-m", "shoal", "runspider", "walker.py", *words], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
