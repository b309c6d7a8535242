"""The same items come out of a crawl in one loop, in threads, and over several processes; whatever happens to those."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from spread_spiders import Leaver, Marked, Member, Mortal, Stumbler, Unwritten, Walker, far_towns, town

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


SPIDERS = str(Path(__file__).with_name("command_spider.py"))
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


@pytest.fixture(scope="module")
def towns():
    with far_towns() as served:
        yield served


def titles(items):
    return sorted(item["title"] for item in items)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_gives_the_same_items(model, towns):
    place = towns[3]
    done = run(Walker, MODELS[model], url=place.url)
    assert titles(done.items) == place.titles()
    assert done.reason == "finished"
    assert done.stats["response_received_count"] == len(done.items) == done.stats["item_scraped_count"]
    assert done.stats["downloader/request_count"] == done.stats["scheduler/dequeued"] == len(done.items)
    assert done.stats["request_depth_max"] > 3


def test_a_host_is_asked_by_one_process_alone(towns):
    place = towns[4]
    items = run(Walker, TWO, url=place.url).items
    pids = defaultdict(set)
    for item in items:
        pids[item["title"][0]].add(item["pid"])
    assert all(len(one) == 1 for one in pids.values())
    assert len(set.union(*pids.values())) == 2
    assert os.getpid() not in set.union(*pids.values())


def test_a_shared_host_is_asked_by_all(towns):
    place = towns[1]
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
    async for item in stream(Walker, settings, ahead=1, url=place.url):
        items.append(item)
        if len(items) == 40:
            killed = item["pid"]
            os.kill(killed, signal.SIGKILL)
    return items, killed


@pytest.mark.parametrize("settings", [TWO, SHARED], ids=["hosts apart", "hosts shared"])
def test_a_killed_process_loses_nothing(settings, towns):
    place = towns[2]
    items, killed = asyncio.run(_walk_and_kill(place, settings))
    assert sorted(set(titles(items))) == place.titles()
    assert len({item["pid"] for item in items} - {killed}) >= 1


def test_a_page_that_kills_every_process_ends_the_crawl_as_a_failure(towns):
    place = towns[1]
    done = run(Mortal, {**TWO, "WORKERS": 1, "LOG_LEVEL": "CRITICAL"}, url=place.url)
    assert not done
    assert done.reason == "workers_lost"


def test_callbacks_that_fail_are_counted(towns):
    place = towns[2]
    one, two = (run(Stumbler, settings, url=place.url) for settings in ({}, TWO))
    assert titles(one.items) == titles(two.items)
    assert two.stats["spider_exceptions/ValueError"] == one.stats["spider_exceptions/ValueError"] > 3
    assert two.stats["log_count/ERROR"] == one.stats["log_count/ERROR"]


def test_a_worker_may_end_the_crawl(towns):
    place = towns[2]
    done = run(Leaver, TWO, url=place.url)
    assert done.reason == "enough"
    assert 0 < len(done.items) < 110


@pytest.mark.parametrize("limit", ["ITEMCOUNT", "PAGECOUNT", "ERRORCOUNT"])
def test_limits_hold_for_the_whole(limit, towns):
    place = towns[2]
    done = run(Stumbler, {**TWO, f"CLOSESPIDER_{limit}": 8, "DOWNLOAD_DELAY": 0.01}, url=place.url)
    assert done.reason == f"closespider_{limit.lower()}"
    assert 8 <= len(done.items) < 115


def test_requests_that_cannot_be_written_are_carried_out_where_they_are_made(towns):
    place = towns[2]
    done = run(Unwritten, TWO, url=place.url)
    assert sorted(set(titles(done.items))) == place.titles()
    assert done.stats["scheduler/unserializable"] > 100


def test_pipelines_run_in_the_workers_and_there_is_one_feed(tmp_path, towns):
    feed = tmp_path / "items.jsonl"
    settings = {**TWO, "ITEM_PIPELINES": {Marked: 1}, "FEEDS": {str(feed): {"format": "jsonlines"}}}
    place = towns[2]
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
            # Two processes that did not know of each other would need half of it.
            assert moments[-1] - moments[0] > 0.8 * 0.03 * (len(moments) - 1)


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
    with pytest.raises(RuntimeError, match="no worker could begin: ModuleNotFoundError"):
        run(Walker, {**TWO, "DOWNLOADER": "no.such.Downloader"}, url="http://127.0.0.1:9/")


def test_a_spider_that_no_other_interpreter_can_find_is_refused_where_one_is_needed():
    class Local(Walker):
        """Threads run here, so that workers are not forks of this process."""

    with town() as place, pytest.raises(UsageError, match=r"Local.*must be found by name"):
        run(Local, TWO, url=place.url)


def test_a_spider_in_a_file_of_no_package_is_found_by_another_interpreter(tmp_path, towns):
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
    place = towns[1]
    done = subprocess.run(
        [sys.executable, "-c", BY_THREADS, str(file), place.url], capture_output=True, text=True, check=False
    )
    assert "[{'said': 'from beside'}]" in done.stdout, done.stderr


def test_a_number_of_processes_is_a_number():
    with pytest.raises(UsageError, match="-j"):
        run(Walker, {**TWO, "WORKERS": "many"}, url="http://127.0.0.1:9/")


def test_a_stream_that_is_left_early_leaves_nothing_behind(towns):
    async def some(url):
        taken = []
        items = stream(Walker, TWO, url=url)
        async for item in items:
            taken.append(item)
            if len(taken) == 5:
                break
        await items.aclose()
        return taken

    place = towns[2]
    assert len(asyncio.run(some(place.url))) == 5


def command(place, feed):
    """The command, begun and at work: the log of its workers says so."""
    words = ["runspider", SPIDERS, "-a", f"url={place.url}", "-m", "proc", "-j", "2", "-O", str(feed)]
    words += ["-s", "DOWNLOAD_DELAY=0.1", "-L", "DEBUG"]
    begun = subprocess.Popen([sys.executable, "-m", "shoal", *words], stderr=subprocess.PIPE, text=True)
    for line in begun.stderr:
        if "Scraped from" in line:
            return begun
    raise AssertionError("nothing was scraped")


def _children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux who is whose child")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_all_processes_and_keeps_what_there_is(towns, tmp_path, times):
    feed = tmp_path / "items.jsonl"
    begun = command(towns[1], feed)
    workers = _children(begun.pid)
    for _ in range(times):
        begun.send_signal(signal.SIGINT)
        time.sleep(0.05)
    _, said = begun.communicate(timeout=30)
    assert begun.returncode == 128 + signal.SIGINT, said
    assert len(workers) == 2
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert 0 < len([json.loads(line) for line in feed.read_text().splitlines()]) < 60
    assert "'finish_reason': 'shutdown'" in said


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux who is whose child")
def test_workers_end_when_their_parent_is_killed(towns, tmp_path):
    begun = command(towns[1], tmp_path / "items.jsonl")
    workers = _children(begun.pid)
    begun.kill()
    begun.communicate()
    ends = time.monotonic() + 5
    while alive := [worker for worker in workers if _runs(worker)]:
        assert time.monotonic() < ends, alive
        time.sleep(0.01)


def _runs(pid):
    """Whether there is such a process; one that has ended and waits to be collected is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
