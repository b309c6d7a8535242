"""The commands of the crawler, as processes of their own: what they print, write and end with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shoal.cli import COMMANDS, CRAWL_COMMANDS
from shoal.lab.quotes import PASSWORD, USER, QuotesServer, items
from shoal.scrapy.cmdline import BUILT_IN

SPIDER = str(Path(__file__).parents[2] / "examples" / "quotes_spider.py")


def shoal(*words, cwd=None, feed=None, status=0):
    done = subprocess.run(
        [sys.executable, "-m", "shoal", *words],
        cwd=cwd,
        input=feed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture
def quotes():
    with QuotesServer() as server:
        yield server


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with one spider, made by our own commands."""
    folder = tmp_path_factory.mktemp("made")
    shoal("startproject", "reef", cwd=folder)
    root = folder / "reef"
    shoal("genspider", "pages", "127.0.0.1", cwd=root)
    with (root / "reef" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write("\nDOWNLOAD_DELAY = 0\n")
    return root


@pytest.mark.parametrize("model", ["async", "thread"])
def test_a_spider_written_for_scrapy_gives_every_item_under_every_model(tmp_path, quotes, model):
    shoal("runspider", SPIDER, "-a", f"site={quotes.url()}", "-m", model, "-O", "found.jsonl", cwd=tmp_path)
    lines = (tmp_path / "found.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(map(json.dumps, items(quotes.quotes))) == sorted(json.dumps(json.loads(line)) for line in lines)


def test_items_on_standard_output_are_alone_there(quotes):
    done = shoal("runspider", SPIDER, "-a", f"site={quotes.url()}", "-o", "-:json")
    assert len(json.loads(done.stdout)) == 100


def test_a_host_can_be_given_another_address(tmp_path, quotes):
    site = f"http://quotes.invalid:{quotes.port}/"
    words = ["-a", f"site={site}", "--resolve", "quotes.invalid:127.0.0.1", "-O", "found.jsonl"]
    shoal("runspider", SPIDER, *words, cwd=tmp_path)
    assert len((tmp_path / "found.jsonl").read_text(encoding="utf-8").splitlines()) == 100


def test_a_form_with_a_token_is_filled_in_and_the_session_kept(tmp_path, quotes):
    (tmp_path / "login.py").write_text(
        f"""
import scrapy

class Login(scrapy.Spider):
    name = "login"

    def start_requests(self):
        yield scrapy.Request("{quotes.url("/login")}")

    def parse(self, response):
        data = dict(username="{USER}", password="{PASSWORD}")
        return scrapy.FormRequest.from_response(response, formdata=data, callback=self.inside)

    def inside(self, response):
        return response.follow("/secret", self.secret)

    def secret(self, response):
        return {{"secret": response.css("p.secret::text").get()}}
""",
        encoding="utf-8",
    )
    done = shoal("runspider", "login.py", "-o", "-:jsonl", "--nolog", cwd=tmp_path)
    assert json.loads(done.stdout) == {"secret": "The fish are asleep."}


def test_a_crawl_whose_callbacks_all_fail_is_no_success(tmp_path, quotes):
    (tmp_path / "broken.py").write_text(
        "import scrapy\n\nclass Broken(scrapy.Spider):\n    name = 'broken'\n"
        f"    start_urls = ['{quotes.url()}']\n\n    def parse(self, response):\n        return 1 // 0\n",
        encoding="utf-8",
    )
    done = shoal("runspider", "broken.py", "--nolog", cwd=tmp_path, status=3)
    assert done.stderr == "shoal: this crawl has not worked: every callback has failed (1 error)\n"


def test_a_project_is_made_listed_and_crawled(project, quotes):
    assert shoal("list", cwd=project).stdout == "pages\n"
    assert shoal("settings", "--get", "BOT_NAME", cwd=project / "reef").stdout == "reef\n"
    spider = project / "reef" / "spiders" / "pages.py"
    text = spider.read_text(encoding="utf-8")
    assert "class PagesSpider" in text
    spider.write_text(text.replace("https://127.0.0.1", quotes.url()), encoding="utf-8")
    done = shoal("crawl", "pages", "-o", "-:jsonl", "--nolog", cwd=project)
    assert json.loads(done.stdout) == {"url": quotes.url(), "title": "Quotes"}


def test_an_unknown_spider_gets_a_sentence(project):
    done = shoal("crawl", "page", "--nolog", cwd=project, status=2)
    assert "Spider not found: page; did you mean pages?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["runspider", "missing.py"], "File not found: missing.py"),
        (["runspider", SPIDER, "-a", "site"], "Invalid -a value, use -a NAME=VALUE"),
        (["runspider", SPIDER, "-s", "LOG_LEVEL"], "Invalid -s value, use -s NAME=VALUE"),
        (["runspider", SPIDER, "--bogus"], "there is no option --bogus"),
        (["runspider", SPIDER, "-o", "file.xyz"], "Unrecognized output format 'xyz'"),
        (["runspider", SPIDER, "-m", "proc", "-j", "0"], "'0' is no number of processes"),
        (["runspider", SPIDER, "-j", "2"], "only -m proc and --cluster have several processes"),
    ],
)
def test_wrong_words_get_one_sentence(tmp_path, words, sentence):
    done = shoal(*words, cwd=tmp_path, status=2)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_is_fetched_as_it_is(quotes):
    assert '<div class="quote">' in shoal("fetch", quotes.url(), "--nolog").stdout
    assert "< Content-Type: text/html" in shoal("fetch", quotes.url(), "--nolog", "--headers").stdout


def test_the_shell_has_the_page_at_hand(quotes):
    done = shoal("shell", quotes.url(), "--nolog", "-c", "len(response.css('.quote'))")
    assert done.stdout == "10\n"
    typed = shoal("shell", "--nolog", feed=f"fetch('{quotes.url('/page/2/')}')\nresponse.url\n")
    assert quotes.url("/page/2/") in typed.stdout


def test_the_shell_says_why_a_page_cannot_be_fetched():
    done = shoal("shell", "file:///missing.html", "--nolog", "-c", "response", status=1)
    assert "No such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_parse_shows_items_and_requests(project, quotes):
    done = shoal("parse", quotes.url(), "--spider", "pages", "-c", "parse", "--nolog", cwd=project)
    assert "'title': 'Quotes'" in done.stdout
    assert "# Requests" in done.stdout


def test_the_alias_is_for_these_commands_alone():
    code = "import shoal, shoal.cli, sys; shoal.cli.main(['targets', '127.0.0.1']); print('scrapy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_every_command_of_the_crawler_is_listed_in_the_help():
    assert set(CRAWL_COMMANDS) == set(BUILT_IN) - {"version"}
    assert not set(CRAWL_COMMANDS) & set(COMMANDS)
    told = shoal("-h").stdout
    assert all(name in told for name in CRAWL_COMMANDS)


def test_without_its_libraries_the_crawler_says_what_to_install(tmp_path):
    (tmp_path / "lxml").mkdir()
    (tmp_path / "lxml" / "__init__.py").write_text("raise ModuleNotFoundError('no', name='lxml')", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "shoal", "runspider", SPIDER],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert done.stderr.endswith("shoal: the crawler needs lxml, which is not installed: pip install 'shoal[crawl]'\n")
    assert "Traceback" not in done.stderr


SLOW = """
import asyncio, scrapy

class Slow(scrapy.Spider):
    name = "slow"
    start_urls = ["data:,"]

    async def parse(self, response):
        yield {"number": 1}
        print("parsing", flush=True)
        await asyncio.sleep(%s)
        yield {"number": 2}
"""


@pytest.mark.parametrize(
    ("signals", "sleep", "numbers"),
    [
        ([signal.SIGINT], 0.5, [1, 2]),  # what is on its way is finished
        ([signal.SIGINT, signal.SIGINT], 60, [1]),  # what is on its way is given up, what was found is kept
        ([signal.SIGTERM], 0.5, [1, 2]),
    ],
)
def test_an_interrupted_crawl_completes_its_files(tmp_path, signals, sleep, numbers):
    (tmp_path / "slow.py").write_text(SLOW % sleep, encoding="utf-8")
    command = [sys.executable, "-m", "shoal", "runspider", "slow.py", "-O", "found.json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "parsing\n"
        for number in signals:
            process.send_signal(number)
            wait_for(process.stderr, "Received")
        process.communicate(timeout=30)
    assert process.returncode == 128 + signals[0]
    assert [item["number"] for item in json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))] == numbers


def wait_for(lines, word):
    """Read until a line has the word."""
    assert any(word in line for line in lines)
