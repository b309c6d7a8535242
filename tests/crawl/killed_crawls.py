"""A crawl with a job directory, killed at any moment and begun again: the site, the spider, and what must come out."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter

from shoal.lab.web import Answer, WebServer

SPIDER = """
import scrapy

class Tree(scrapy.Spider):
    name = "tree"

    async def start(self):
        for number in range({starts}):
            yield scrapy.Request(f"{{self.site}}/{{number}}")

    def parse(self, response):
        number = int(response.url.rsplit("/", 1)[1])
        yield {{"page": number, "part": 1}}
        yield from response.follow_all(response.css("a"), self.parse_leaf)
        yield {{"page": number, "part": 2}}

    async def parse_leaf(self, response):
        for thing in self.parse(response):
            yield thing
"""


class Tree:
    """`size` pages: page n links to its three children, to its parent and to itself."""

    def __init__(self, size, starts=1):
        self.size = size
        self.starts = starts

    def __call__(self, asked):
        number = int(asked.path.strip("/"))
        first = number * 3 + self.starts
        linked = [other for other in range(first, first + 3) if other < self.size]
        links = "".join(f"<a href='/{other}'>{other}</a>" for other in [*linked, max(number // 3 - 1, 0), number])
        return Answer(f"<!DOCTYPE html><html><body>{links}</body></html>")


class Killed:
    """Crawls of a tree in one job directory."""

    def __init__(self, folder, size=400, starts=1, output="items.jsonl", **settings):
        self.folder = folder
        self.output = folder / output
        self.size = size
        self.server = WebServer(Tree(size, starts))
        self.settings = settings
        (folder / "tree.py").write_text(SPIDER.format(starts=starts))

    def command(self, *more):
        words = [sys.executable, "-m", "shoal", "runspider", "tree.py", "--job", "job", "-o", self.output.name]
        words += ["-a", f"site=http://127.0.0.1:{self.server.port}", "-s", "LOG_LEVEL=WARNING"]
        for name, value in self.settings.items():
            words += ["-s", f"{name}={value}"]
        return [*words, *more]

    def run(self, *more):
        return subprocess.run(
            self.command(*more), check=False, cwd=self.folder, capture_output=True, text=True, timeout=100
        )

    def kill_at(self, asked, *more):
        """Begin, and kill -9 when the site has been asked that often in all; whether it was still running then."""
        with subprocess.Popen(self.command(*more), cwd=self.folder, stderr=subprocess.PIPE) as process:
            while len(self.server.asked) < asked and process.poll() is None:
                time.sleep(0.0005)
            running = process.poll() is None
            process.kill()
            process.communicate()
        return running

    def items(self):
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def check_items(self):
        """Every page has given its two items, once."""
        found = Counter((item["page"], item["part"]) for item in self.items())
        assert set(found) == {(page, part) for page in range(self.size) for part in (1, 2)}
        assert {key: times for key, times in found.items() if times > 1} == {}

    def repeated(self):
        """How many times a page was asked for again."""
        pages = Counter(self.server.asked)
        return sum(pages.values()) - len(pages)
