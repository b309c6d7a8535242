"""What docs/crawling.md says of settings, options and job directories is so."""

from __future__ import annotations

import ast
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from shoal.crawl.misspelt import misspelt_settings
from shoal.crawl.progress import Count, line_for
from shoal.crawl.settings import Settings
from shoal.lab.quotes import QuotesServer

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "crawling.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z][A-Z0-9_]+) \| `([^`]+)` \|", DOCUMENT, re.MULTILINE)
# Settings of pipelines and of the division among processes, which are off where they are not set.
UNSET = {
    "FILES_CONTENT_NAMES",
    "FILES_MAXSIZE",
    "FILES_RESUME",
    "FILES_STREAM",
    "CLUSTER_LEASE",
    "SHARE_HOSTS",
    "WORKERS",
    "WORKER_MODEL",
}


@pytest.mark.parametrize(("name", "default"), ROWS)
def test_settings_have_the_defaults_that_are_told(name, default):
    value = ast.literal_eval(default)
    if name in UNSET:
        assert not value and not Settings()[name] and misspelt_settings([name]) == {}
    else:
        assert Settings()[name] == value


def test_the_table_of_settings_is_read():
    assert len(ROWS) > 15


def test_the_progress_line_looks_as_it_is_shown():
    line = line_for(Count(0.0, 344, 2780, 1085), Count(10.0, 1204, 9731, 310))
    assert f"    {line}\n" in DOCUMENT


def commands():
    """The commands for a site on port 8000, as they stand in code blocks."""
    lines = re.findall(r"^    (.*shoal runspider examples/.*)$", DOCUMENT, re.MULTILINE)
    return [line for line in lines if "8000" in line and "--cluster" not in line]  # that is tried in tests/cluster


@pytest.mark.parametrize("line", commands())
def test_the_commands_of_the_document_work(line, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "allowed.txt").write_text("127.0.0.0/8\n")
    with QuotesServer() as server:
        words = shlex.split(line.replace("http://127.0.0.1:8000", server.url().rstrip("/")))
        variables = dict(word.split("=", 1) for word in words if re.match("[A-Z_]+=", word))
        command = [sys.executable, "-m", *words[len(variables) :]]
        done = subprocess.run(
            command, check=False, cwd=tmp_path, env={**os.environ, **variables}, capture_output=True, timeout=60
        )
    assert done.returncode == 0, done.stderr.decode()
    for feed in tmp_path.glob("quotes.jsonl"):
        assert len(feed.read_text(encoding="utf-8").splitlines()) == 100


def test_a_job_directory_of_scrapys_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "requests.seen").write_text("0" * 40 + "\n")
    command = [sys.executable, "-m", "shoal", "runspider", ROOT / "examples/quotes_spider.py", "-s", "JOBDIR=job"]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "as Scrapy writes them, which cannot be gone on with here" in done.stderr
    assert [file.name for file in (tmp_path / "job").iterdir()] == ["requests.seen"]


@pytest.mark.parametrize("model", ["async", "proc"])
def test_a_crawl_on_a_terminal_shows_how_far_it_is(model, tmp_path):
    ours, theirs = pty.openpty()
    with QuotesServer() as server:
        words = ["-a", f"site={server.url()}", "-m", model, "-s", "DOWNLOAD_DELAY=0.1", "--nolog"]
        command = [sys.executable, "-m", "shoal", "runspider", ROOT / "examples/quotes_spider.py", *words]
        with subprocess.Popen(command, cwd=tmp_path, stderr=theirs) as process:
            os.close(theirs)
            shown = b"".join(pieces(ours))
    os.close(ours)
    assert process.returncode == 0
    assert re.search(rb"[0-9]+ pages \| [0-9]+ items \| [0-9]+ waiting \| ", shown)
    assert shown.endswith(b"\r\x1b[K")


def pieces(descriptor):
    """What is written to a terminal, until nobody has it open any more."""
    while True:
        try:
            piece = os.read(descriptor, 1024)
        except OSError:
            return
        if not piece:
            return
        yield piece
