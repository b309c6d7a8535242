"""Whole crawls on loopback: what the order of the frontier means for slow hosts and urgent requests."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import CloseSpider
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok"


class Site:
    """Answers every page at once, but those below /dead/ only after `release`."""

    def __init__(self):
        self.asked = []
        self.release = asyncio.Event()

    async def talk(self, reader, writer):
        try:
            while line := await reader.readline():
                path = line.split()[1].decode()
                self.asked.append(path)
                while (await reader.readline()).strip():
                    pass
                if path.startswith("/dead/"):
                    await self.release.wait()
                writer.write(PAGE)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def site(port=0):
    made = Site()
    server = await asyncio.start_server(made.talk, "127.0.0.1", port)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def crawl(make_spider, reason="finished", port=0, **settings):
    """The paths in the order the site was asked for them; the crawl must end for that `reason`."""

    async def run():
        async with site(port) as there:
            crawler = Crawler(make_spider(there), {"LOG_ENABLED": False, "ROBOTSTXT_OBEY": False, **settings})
            await asyncio.wait_for(crawler.crawl_async(), 30)
            assert crawler.stats.get_value("finish_reason") == reason
            return there.asked

    return asyncio.run(run())


def test_one_dead_host_takes_no_more_than_its_share():
    def make(there):
        class Pages(Spider):
            name = "pages"
            good = 0

            async def start(self):
                for number in range(60):
                    yield Request(f"{there.url}/dead/{number}", meta={"download_slot": "dead"})
                for number in range(200):
                    yield Request(
                        f"{there.url}/good/{number}", self.parse_good, meta={"download_slot": f"good{number}"}
                    )

            def parse(self, response): ...

            def parse_good(self, response):
                self.good += 1
                if self.good == 200:
                    there.release.set()

        return Pages

    asked = crawl(make, CONCURRENT_REQUESTS=8, CONCURRENT_REQUESTS_PER_DOMAIN=2)
    last_good = max(at for at, path in enumerate(asked) if path.startswith("/good/"))
    assert sum(path.startswith("/dead/") for path in asked[:last_good]) == 2
    assert len(asked) == 260


@pytest.mark.parametrize("at_once", [1, 2])
def test_what_is_urgent_goes_before_all_that_waits(at_once):
    def make(there):
        class Pages(Spider):
            name = "pages"

            async def start(self):
                yield Request(f"{there.url}/first")

            def parse(self, response):
                if response.url.endswith("/first"):
                    for number in range(20):
                        yield Request(f"{there.url}/{number}")
                elif response.url.endswith("/19"):
                    yield Request(f"{there.url}/urgent", priority=1)

        return Pages

    asked = crawl(make, CONCURRENT_REQUESTS=16, CONCURRENT_REQUESTS_PER_DOMAIN=at_once)
    # Those that are asked for while the page that has the urgent link is read cannot be overtaken any more.
    assert asked.index("/urgent") <= 1 + 2 * at_once
    assert [path for path in asked if path != "/urgent"] == [
        "/first",
        *(f"/{number}" for number in reversed(range(20))),
    ]


def test_a_job_that_is_paused_and_taken_up_again_asks_for_every_page_once(tmp_path):
    def make(there):
        class Pages(Spider):
            name = "pages"
            read = 0
            pause_after = pauses.pop(0)

            async def start(self):
                yield Request(f"{there.url}/0")

            def parse(self, response):
                self.read += 1
                number = int(response.url.rsplit("/", 1)[1])
                for following in (2 * number + 1, 2 * number + 2):
                    if following < 40:
                        yield Request(response.urljoin(f"/{following}"))
                if self.read == self.pause_after:
                    raise CloseSpider("paused")

        return Pages

    pauses = [9, 15, None]
    asked = []
    port = free_port()  # the pages of a job have the same addresses in each run
    for reason in ("paused", "paused", "finished"):
        asked += crawl(make, reason, JOBDIR=str(tmp_path), port=port)
    assert sorted(asked) == sorted(f"/{number}" for number in range(40))
