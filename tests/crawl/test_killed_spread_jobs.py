"""Crawls over several processes that are kept: killed, stopped and gone on with."""

from __future__ import annotations

import random
import signal
import subprocess
import time

import pytest
from killed_crawls import Killed

from shoal.lab.web import WebServer

KILLS = 4
PROC = ("-m", "proc", "-j", "2")
# Of one host: two leases of at most so many pages (256 is the most that a lease ever has).
LEASED = 2 * 256


def test_no_page_is_lost_and_no_item_twice_however_often_the_coordinator_is_killed(tmp_path):
    dice = random.Random(KILLS)
    job = Killed(tmp_path, size=900, DOWNLOAD_DELAY=0.001)
    with job.server:
        kills = sum(job.kill_at(len(job.server.asked) + dice.randint(60, 250), *PROC) for _ in range(KILLS))
        ended = job.run(*PROC)
        assert (ended.returncode, ended.stderr) == (0, "")
        job.check_items()
        assert set(job.server.asked) == {f"GET /{number}" for number in range(job.size)}
        assert kills >= 2
        assert job.repeated() <= kills * LEASED
        asked = len(job.server.asked)
        again = job.run(*PROC)
        assert again.returncode == 0
        assert f"({job.size} requests done): nothing is left to do" in again.stderr
        assert len(job.server.asked) == asked


def test_a_start_that_was_not_read_to_its_end_adds_nothing_twice(tmp_path):
    job = Killed(tmp_path, size=160, starts=160, DOWNLOAD_DELAY=0.002)
    job.folder.joinpath("tree.py").write_text(
        job.folder.joinpath("tree.py").read_text().replace('{number}")', '{number}", dont_filter=number % 2 == 0)')
    )
    with job.server:
        assert job.kill_at(20, *PROC, "-s", "CLOSESPIDER_TIMEOUT=0")
        assert job.kill_at(80, *PROC)
        assert job.run(*PROC).returncode == 0
        found = {(item["page"], item["part"]) for item in job.items()}
        assert found == {(page, part) for page in range(160) for part in (1, 2)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_stopped_in_good_order_repeats_nothing(tmp_path, number):
    job = Killed(tmp_path, size=300, DOWNLOAD_DELAY=0.002)
    with job.server:
        with subprocess.Popen(job.command(*PROC), cwd=tmp_path, stderr=subprocess.PIPE) as process:
            while len(job.server.asked) < 60:
                time.sleep(0.001)
            process.send_signal(number)
            process.communicate(timeout=60)
        assert process.returncode == 128 + number
        assert len(job.server.asked) < 300
        assert job.run(*PROC).returncode == 0
        job.check_items()
        assert job.repeated() == 0


def test_feeds_that_cannot_be_continued_are_written_when_the_job_is_done(tmp_path):
    import json

    job = Killed(tmp_path, size=300, output="items.json", DOWNLOAD_DELAY=0.002)
    with job.server:
        assert job.kill_at(100, *PROC)
        assert job.run(*PROC).returncode == 0
    items = json.loads(job.output.read_text())
    assert sorted((item["page"], item["part"]) for item in items) == sorted(
        (page, part) for page in range(300) for part in (1, 2)
    )


def test_of_a_crawl_of_which_nothing_worked_no_job_is_kept(tmp_path):
    job = Killed(tmp_path, size=30, RETRY_ENABLED=False)
    with job.server:
        pass
    assert job.run(*PROC).returncode == 3  # nobody is there
    job.server = WebServer(job.server.site)
    with job.server:
        assert job.run(*PROC).returncode == 0
        job.check_items()


@pytest.mark.parametrize(("first", "second", "said"), [
    (PROC, (), "was begun over several workers"),
    ((), PROC, "was begun in one process"),
])  # fmt: skip
def test_a_job_is_gone_on_with_in_the_way_in_which_it_was_begun(tmp_path, first, second, said):
    job = Killed(tmp_path, size=30)
    with job.server:
        assert job.run(*first).returncode == 0
        refused = job.run(*second)
    assert refused.returncode == 2
    assert said in refused.stderr
