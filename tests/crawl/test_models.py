"""The same items come out of a crawl in one loop, in threads, and over several processes; whatever happens to those."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from typing import ClassVar

import pytest
from spread_spiders import Leaver, Marked, Member, Mortal, Stumbler, Unwritten, Walker, town

from shoal.crawl.api import run, stream
from shoal.crawl.exceptions import UsageError
from shoal.crawl.loops import new_loop
from shoal.crawl.settings import Settings
from shoal.lab.web import Answer, WebServer

IN_THREADS = "shoal.crawl.download.threads.ThreadDownloadHandler"
# The first loop of libuv opens a pipe that stays for the life of the process: no test is to be blamed for it.
new_loop(Settings()).close()

MODELS = {
    "thread": {"DOWNLOAD_HANDLERS": {"http": IN_THREADS}},
    "proc 1": {"WORKER_MODEL": "proc", "WORKERS": 1},
    "proc 2": {"WORKER_MODEL": "proc", "WORKERS": 2},
    "proc 4": {"WORKER_MODEL": "proc", "WORKERS": 4},
    "proc 2, hosts shared": {"WORKER_MODEL": "proc", "WORKERS": 2, "SHARE_HOSTS": True},
}
TWO = MODELS["proc 2"]
SHARED = MODELS["proc 2, hosts shared"]


# runspider, with a thread that keeps workers from being forks.
BY_THREADS = """
import sys, threading
import shoal.scrapy
from shoal.crawl.api import run
if __name__ == "__main__":
    shoal.scrapy.install()
    from shoal.scrapy.commands.runspider import _import
    from pathlib import Path
    done = threading.Event()
    threading.Thread(target=done.wait).start()
    try:
        print(run(_import(Path(sys.argv[1])).Lonely, {"WORKER_MODEL": "proc", "WORKERS": 2}, url=sys.argv[2]).items)
    finally:
        done.set()
"""


def titles(items):
    return sorted(item["title"] for item in items)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_gives_the_same_items(model):
    with town(hosts=3) as place:
        done = run(Walker, MODELS[model], url=place.url)
        assert titles(done.items) == place.titles()
    assert done.reason == "finished"
    assert done.stats["response_received_count"] == len(done.items) == done.stats["item_scraped_count"]
    assert done.stats["downloader/request_count"] == done.stats["scheduler/dequeued"] == len(done.items)
    assert done.stats["request_depth_max"] > 3


def test_a_host_is_asked_by_one_process_alone():
    with town(hosts=4) as place:
        items = run(Walker, TWO, url=place.url).items
    pids = defaultdict(set)
    for item in items:
        pids[item["title"][0]].add(item["pid"])
    assert all(len(one) == 1 for one in pids.values())
    assert len(set.union(*pids.values())) == 2
    assert os.getpid() not in set.union(*pids.values())


def test_a_shared_host_is_asked_by_all():
    with town() as place:
        items = run(Walker, SHARED, url=place.url).items
        assert titles(items) == place.titles()
    assert len({item["pid"] for item in items}) == 2


def test_sessions_keep_in_several_processes():
    def site(asked):
        if asked.path == "/login":
            return Answer("welcome", headers={"Set-Cookie": "key=1; Path=/"})
        if asked.cookies.get("key") != "1" or not asked.headers.get("x-n"):
            return Answer("who are you?", 403)
        return Answer(f"{asked.headers['host']} {asked.path}") if asked.path != "/secret/4" else Answer("", 404)

    with WebServer(site, "127.0.0.2") as one, WebServer(site, "127.0.0.3") as two:
        found = [
            run(Member, settings, sites=f"{one.url()} {two.url()}").items
            for settings in ({"RETRY_ENABLED": False}, {**TWO, "RETRY_ENABLED": False})
        ]
    assert len(found[0]) == 10
    assert sorted(map(str, found[0])) == sorted(map(str, found[1]))


async def _walk_and_kill(place, settings):
    """The items of a walk during which one worker is killed."""
    items, killed = [], None
    async for item in stream(Walker, {**settings, "DOWNLOAD_DELAY": 0.002}, url=place.url):
        items.append(item)
        if len(items) == 40:
            killed = item["pid"]
            os.kill(killed, signal.SIGKILL)
    return items, killed


@pytest.mark.parametrize("settings", [TWO, SHARED], ids=["hosts apart", "hosts shared"])
def test_a_killed_process_loses_nothing(settings):
    with town(hosts=2) as place:
        items, killed = asyncio.run(_walk_and_kill(place, settings))
        assert sorted(set(titles(items))) == place.titles()
        assert len({item["pid"] for item in items} - {killed}) >= 1


def test_a_page_that_kills_every_process_ends_the_crawl_as_a_failure():
    with town() as place:
        done = run(Mortal, {**TWO, "WORKERS": 1, "LOG_LEVEL": "CRITICAL"}, url=place.url)
    assert not done
    assert done.reason == "workers_lost"


def test_callbacks_that_fail_are_counted():
    with town(hosts=2) as place:
        one, two = (run(Stumbler, settings, url=place.url) for settings in ({}, TWO))
    assert titles(one.items) == titles(two.items)
    assert two.stats["spider_exceptions/ValueError"] == one.stats["spider_exceptions/ValueError"] > 3
    assert two.stats["log_count/ERROR"] == one.stats["log_count/ERROR"]


def test_a_worker_may_end_the_crawl():
    with town(hosts=2) as place:
        done = run(Leaver, TWO, url=place.url)
    assert done.reason == "enough"
    assert 0 < len(done.items) < 110


@pytest.mark.parametrize("limit", ["ITEMCOUNT", "PAGECOUNT", "ERRORCOUNT"])
def test_limits_hold_for_the_whole(limit):
    with town(hosts=2) as place:
        done = run(Stumbler, {**TWO, f"CLOSESPIDER_{limit}": 8, "DOWNLOAD_DELAY": 0.01}, url=place.url)
    assert done.reason == f"closespider_{limit.lower()}"
    assert 8 <= len(done.items) < 115


def test_requests_that_cannot_be_written_are_carried_out_where_they_are_made():
    with town(hosts=2) as place:
        done = run(Unwritten, TWO, url=place.url)
        assert sorted(set(titles(done.items))) == place.titles()
    assert done.stats["scheduler/unserializable"] > 100


def test_pipelines_run_in_the_workers_and_there_is_one_feed(tmp_path):
    feed = tmp_path / "items.jsonl"
    settings = {**TWO, "ITEM_PIPELINES": {Marked: 1}, "FEEDS": {str(feed): {"format": "jsonlines"}}}
    with town(hosts=2) as place:
        done = run(Walker, settings, url=place.url)
        written = [json.loads(line) for line in feed.read_text().splitlines()]
        assert titles(written) == titles(done.items) == place.titles()
    assert all(item["by"] == item["pid"] for item in written)
    assert done.stats["feedexport/success_count/FileFeedStorage"] == 1


def test_the_delay_of_a_host_is_kept():
    with town(hosts=2) as place:
        run(
            Walker,
            {**SHARED, "DOWNLOAD_DELAY": 0.03, "DOWNLOAD_DELAY_JITTER": 0, "CLOSESPIDER_PAGECOUNT": 20},
            url=place.url,
        )
        for asked in place.asked.values():
            moments = sorted(at for at, _ in asked)
            assert min(after - before for before, after in pairwise(moments)) > 0.02


def test_a_site_that_asks_for_a_pause_gets_it_from_all():
    refused = Answer("later", 429, {"Retry-After": "1"})
    with town(answers={"/5": [refused]}) as place:
        done = run(Walker, {**SHARED, "CONCURRENT_REQUESTS": 2}, url=place.url)
        assert titles(done.items) == place.titles()
    (asked,) = place.asked.values()
    refused_at = next(at for at, path in asked if path == "/5")
    # What was on its way then has 0.3 s to arrive.
    assert [path for at, path in asked if refused_at + 0.3 < at < refused_at + 0.95] == []


def test_a_spider_that_cannot_be_made_fails_the_crawl():
    class Local(Walker):
        """Not to be found by another interpreter, and with a setting that nobody has."""

        custom_settings: ClassVar = {"DOWNLOADER": "no.such.Downloader"}

    with pytest.raises(RuntimeError, match="no worker could begin: ModuleNotFoundError"):
        run(Local, TWO, url="http://127.0.0.1:9/")


def test_a_spider_that_no_other_interpreter_can_find_is_refused_where_one_is_needed():
    class Local(Walker):
        """Threads run here, so that workers are not forks of this process."""

    with town() as place, pytest.raises(UsageError, match=r"Local.*must be found by name"):
        run(Local, TWO, url=place.url)


def test_a_spider_in_a_file_of_no_package_is_found_by_another_interpreter(tmp_path):
    (tmp_path / "said.py").write_text("SAID = 'from beside'")
    file = tmp_path / "lonely_spider.py"
    file.write_text(
        "import scrapy, said\n"
        "class Lonely(scrapy.Spider):\n"
        "    name = 'lonely'\n"
        "    def start_requests(self):\n"
        "        yield scrapy.Request(self.url)\n"
        "    def parse(self, response):\n"
        "        yield {'said': said.SAID}\n"
    )
    with town() as place:
        done = subprocess.run(
            [sys.executable, "-c", BY_THREADS, str(file), place.url], capture_output=True, text=True, check=False
        )
    assert "[{'said': 'from beside'}]" in done.stdout, done.stderr


def test_a_job_that_is_to_be_kept_is_refused(tmp_path):
    with pytest.raises(UsageError, match="JOBDIR"):
        run(Walker, {**TWO, "JOBDIR": str(tmp_path)}, url="http://127.0.0.1:9/")


def test_a_number_of_processes_is_a_number():
    with pytest.raises(UsageError, match="-j"):
        run(Walker, {**TWO, "WORKERS": "many"}, url="http://127.0.0.1:9/")


def test_a_stream_that_is_left_early_leaves_nothing_behind():
    async def some(url):
        taken = []
        items = stream(Walker, TWO, url=url)
        async for item in items:
            taken.append(item)
            if len(taken) == 5:
                break
        await items.aclose()
        return taken

    with town(hosts=2) as place:
        assert len(asyncio.run(some(place.url))) == 5
