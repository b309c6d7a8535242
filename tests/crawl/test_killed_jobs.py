"""Crawls that are killed, paused and gone on with, as processes: what the site was asked, and what the files hold.

SHOAL_KILLS=50 has fifty crawls killed instead of ten.
"""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from killed_crawls import Killed

from shoal.lab.web import WebServer

KILLS = int(os.environ.get("SHOAL_KILLS", "10"))
CONCURRENCY = 8
# Pages whose end is written together, besides those under way.
GROUP = 8


def test_no_page_is_lost_and_no_item_twice_however_often_the_crawl_is_killed(tmp_path):
    dice = random.Random(KILLS)
    step = 40
    job = Killed(
        tmp_path, size=KILLS * step, CONCURRENT_REQUESTS=CONCURRENCY, CONCURRENT_REQUESTS_PER_DOMAIN=CONCURRENCY
    )
    with job.server:
        kills = sum(job.kill_at(len(job.server.asked) + dice.randint(0, step)) for _ in range(KILLS))
        repeated_by_kills = job.repeated()
        ended = job.run()
        assert (ended.returncode, ended.stderr) == (0, "")
        job.check_items()
        assert set(job.server.asked) == {f"GET /{number}" for number in range(job.size)}
        assert job.repeated() <= kills * (CONCURRENCY + GROUP)
        assert repeated_by_kills <= job.repeated()
        assert kills >= KILLS // 2

        asked = len(job.server.asked)
        again = job.run()
        assert again.returncode == 0
        assert f"({job.size} requests done): nothing is left to do" in again.stderr.replace(",", "")
        assert len(job.server.asked) == asked
        job.check_items()


def test_a_start_that_was_not_read_to_its_end_is_read_again_and_asks_for_nothing_twice(tmp_path):
    job = Killed(tmp_path, size=600, starts=600, CONCURRENT_REQUESTS=4)
    with job.server:
        assert job.kill_at(60)
        assert job.kill_at(200)
        assert job.run().returncode == 0
        job.check_items()
        assert job.repeated() <= 2 * (4 + GROUP)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_crawl_that_is_stopped_in_good_order_repeats_nothing(tmp_path, number):
    job = Killed(tmp_path, size=300)
    with job.server:
        with subprocess.Popen(job.command(), cwd=tmp_path, stderr=subprocess.PIPE) as process:
            while len(job.server.asked) < 60:
                time.sleep(0.001)
            process.send_signal(number)
            process.communicate()
        assert process.returncode == 128 + number
        assert len(job.server.asked) < job.size
        assert job.run().returncode == 0
        job.check_items()
        assert job.repeated() == 0


def test_a_table_that_is_gone_on_with_has_one_line_of_names(tmp_path):
    job = Killed(tmp_path, size=120, output="items.csv")
    with job.server:
        assert job.kill_at(40)
        assert job.kill_at(80)
        assert job.run().returncode == 0
    with job.output.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["page", "part"]
    assert sorted(rows[1:]) == sorted([str(page), str(part)] for page in range(120) for part in (1, 2))


def test_a_document_that_cannot_be_continued_is_written_whole_when_the_job_is_finished(tmp_path):
    job = Killed(tmp_path, size=120, output="items.json")
    with job.server:
        assert job.kill_at(60)
        assert not job.output.exists()
        assert job.run().returncode == 0
    items = json.loads(job.output.read_text())
    assert sorted((item["page"], item["part"]) for item in items) == [
        (page, part) for page in range(120) for part in (1, 2)
    ]
    assert not list((tmp_path / "job").glob("*.items"))


def test_two_crawls_do_not_work_on_the_same_job(tmp_path):
    job = Killed(tmp_path, size=5000, DOWNLOAD_DELAY=0.02)
    with job.server, subprocess.Popen(job.command(), cwd=tmp_path, stderr=subprocess.PIPE) as first:
        while len(job.server.asked) < 3:
            time.sleep(0.001)
        second = job.run()
        first.kill()
        first.communicate()
    assert second.returncode == 2
    assert "error: another crawl is at work in job: end it first" in second.stderr
    assert "Traceback" not in second.stderr


def test_another_spiders_job_is_refused_and_so_is_one_with_queues_in_files(tmp_path):
    job = Killed(tmp_path, size=3)
    with job.server:
        assert job.run().returncode == 0
        spider = (tmp_path / "tree.py").read_text()
        (tmp_path / "tree.py").write_text(spider.replace('name = "tree"', 'name = "other"'))
        refused = job.run()
        assert refused.returncode == 2
        assert "the job in job is of the spider tree, not of other" in refused.stderr
        (tmp_path / "old" / "requests.queue" / "0").mkdir(parents=True)
        refused = job.run("--job", "old")
        assert refused.returncode == 2
        assert "the job in old has queues in files, as Scrapy writes them" in refused.stderr
        assert len(job.server.asked) == 3


def test_a_crawl_of_which_nothing_has_worked_is_begun_anew(tmp_path):
    job = Killed(tmp_path, size=30, RETRY_ENABLED=False)
    with job.server:
        pass
    assert job.run().returncode == 3
    with WebServer(job.server.site, port=job.server.port) as server:
        assert job.run().returncode == 0
        assert len(server.asked) == 30
    job.check_items()


FULL_DISK = """
import resource, sys
from shoal.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
sys.argv = ["shoal", *sys.argv[1:]]
sys.exit(main())
"""


def test_a_file_that_cannot_be_written_ends_the_crawl_and_it_can_be_gone_on_with(tmp_path):
    job = Killed(tmp_path, size=600)
    with job.server:
        words = [sys.executable, "-c", FULL_DISK, *job.command()[3:]]
        ended = subprocess.run(words, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 1
        assert "cannot be written" in ended.stderr
        assert len(job.server.asked) < job.size
        assert job.run().returncode == 0
        job.check_items()
