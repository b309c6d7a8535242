"""Spiders and a site for crawls over several processes: in a module, so that a new interpreter finds them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from functools import partial

from shoal.crawl.exceptions import CloseSpider
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider
from shoal.lab.web import Answer, WebServer

PAGES = 60
TITLES = "h1::text"


class Town:
    """Some hosts of PAGES pages each: page n links to n + 1, 2n, 2n + 1, and to page n of the next host.

    `asked` is host -> [(time, path)], `askers` host -> [(time, process)] where the crawl has `Stamped`; `answers` may
    say something else for a path, once for each answer in its list.
    """

    def __init__(self, answers=None):
        self.servers = []
        self.asked = defaultdict(list)
        self.askers = defaultdict(list)
        self.answers = {path: list(several) for path, several in (answers or {}).items()}

    def site(self, host):
        def answer(asked):
            self.asked[host].append((asked.at, asked.path))
            self.askers[host].append((asked.at, asked.headers.get("x-pid")))
            if self.answers.get(asked.path):
                return self.answers[asked.path].pop(0)
            n = int(asked.path.strip("/") or 0)
            links = [f"/{to}" for to in (n + 1, 2 * n, 2 * n + 1) if to < PAGES]
            links.append(self.servers[(host + 1) % len(self.servers)].url(f"/{n}"))
            anchors = "".join(f"<a href='{link}'>there</a>" for link in links)
            return Answer(f"<html><body><h1>{host}/{n}</h1>{anchors}</body></html>")

        return answer

    @property
    def url(self):
        return self.servers[0].url("/0")

    def titles(self):
        return sorted(f"{host}/{n}" for host in range(len(self.servers)) for n in range(PAGES))


@contextmanager
def town(hosts=1, answers=None):
    place = Town(answers)
    with ExitStack() as stack:
        for host in range(hosts):
            place.servers.append(stack.enter_context(WebServer(place.site(host), f"127.0.0.{2 + host}")))
        yield place


class Far:
    """A town of so many hosts in another process, which leaves this one without threads."""

    def __init__(self, url, hosts):
        self.url = url
        self.hosts = hosts

    def titles(self):
        return sorted(f"{host}/{n}" for host in range(self.hosts) for n in range(PAGES))


@contextmanager
def far_towns(most=4):
    """Number of hosts -> a town of so many."""
    served = subprocess.Popen(
        [sys.executable, __file__, str(most)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield {hosts: Far(served.stdout.readline().strip(), hosts) for hosts in range(1, most + 1)}
    finally:
        served.communicate()


class Walker(Spider):
    """Walks through a town."""

    name = "walker"

    async def start(self):
        yield Request(self.url, self.parse)

    def parse(self, response):
        yield {"title": response.css(TITLES).get(), "pid": os.getpid()}
        yield from response.follow_all(css="a")


class Stumbler(Walker):
    """Some of its callbacks fail."""

    name = "stumbler"

    def parse(self, response):
        yield from super().parse(response)
        if response.url.endswith("0"):
            raise ValueError("stumbled")


class Leaver(Walker):
    """Ends the crawl at a page."""

    name = "leaver"

    def parse(self, response):
        if response.url.endswith("/7"):
            raise CloseSpider("enough")
        yield from super().parse(response)


class Mortal(Walker):
    """Its process dies at a page, each time."""

    name = "mortal"

    def parse(self, response):
        if response.url.endswith("/9"):
            os.kill(os.getpid(), signal.SIGKILL)
        yield from super().parse(response)


class Unsendable(Walker):
    """Gives something that is no data."""

    name = "unsendable"

    def parse(self, response):
        yield {"title": "1", "what": object()}


class Unwritten(Walker):
    """Its callbacks have no names."""

    name = "unwritten"

    def parse(self, response):
        yield {"title": response.css(TITLES).get(), "pid": os.getpid()}
        for link in response.css("a::attr(href)").getall():
            yield response.follow(link, callback=partial(self.parse))


class Member(Spider):
    """Logs in, and reads what only members may."""

    name = "member"

    async def start(self):
        for server in self.sites.split():
            yield Request(f"{server}login", self.enter, cb_kwargs={"server": server}, meta={"note": ("a", 1)})

    def enter(self, response, server):
        for n in range(5):
            yield Request(f"{server}secret/{n}", self.read, headers={"X-N": str(n)}, errback=self.missed, priority=n)

    def read(self, response):
        yield {"secret": response.text}

    def missed(self, failure):
        yield {"missed": str(failure.value)}


class Stamped:
    """A middleware: each request says which process asks."""

    def process_request(self, request):
        request.headers["X-Pid"] = str(os.getpid())


class Marked:
    """A pipeline: it runs in the workers."""

    def process_item(self, item):
        return {**item, "by": os.getpid()}


if __name__ == "__main__":
    with ExitStack() as towns:
        for number in range(1, int(sys.argv[1]) + 1):
            print(towns.enter_context(town(number)).url, flush=True)
        sys.stdin.read()
