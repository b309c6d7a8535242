"""Real crawls over two processes of a practice site, short enough to be simulated beside: `shoal.crawl` with `-m proc`.

The one rule: how long a crawl took is what its pages say, from the first answer to the last; starting is no part of it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import shoal.crawl
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider

WORKERS = 2
PATIENCE = 10.0


class Pages(Spider):
    """So many pages of so many hosts, which are all the same site here."""

    name = "pages"

    async def start(self) -> AsyncIterator[Any]:
        """One after another, the hosts in turn."""
        for number in range(self.pages):
            slot = {"download_slot": f"host-{number % self.hosts}"}
            yield Request(f"{self.site}/{number}", meta=slot)

    def parse(self, _response: Any, **_: Any) -> Iterator[dict[str, float]]:
        """When it came."""
        yield {"at": time.monotonic()}


@contextmanager
def site(latency: float) -> Iterator[str]:
    """The maze of the lab in a process of its own; its address."""
    command = [sys.executable, "-m", "shoal", "lab", "maze", "--json", "--quiet", "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield _address(json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _address(said: Any) -> str:
    """The first address of a site in what `shoal lab --json` prints."""
    if isinstance(said, str):
        return said.rstrip("/") if said.startswith("http") else ""
    inside = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return next(filter(None, map(_address, inside)), "")


def fetch_seconds(latency: float) -> float:
    """How long one page takes to come: the median of twenty."""
    seconds = []
    with site(latency) as address:
        for number in range(20):
            begin = time.perf_counter()
            with urlopen(f"{address}/{number}") as answer:
                answer.read()
            seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def rate(pages: int, hosts: int, delay: float, slots: int, latency: float) -> float:
    """Pages a second of `WORKERS` processes with so many slots each. Raises RuntimeError if a page is missing."""
    settings = {
        "WORKER_MODEL": "proc",
        "WORKERS": WORKERS,
        "CONCURRENT_REQUESTS": slots * WORKERS,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "ROBOTSTXT_OBEY": False,
        "LOG_LEVEL": "ERROR",
        # Where nobody keeps a distance: so that it does not matter which worker was ready first.
        "SHARE_HOSTS": not delay,
        "COOKIES_ENABLED": False,
    }
    with site(latency) as address:
        result = shoal.crawl.run(Pages, settings, site=address, pages=pages, hosts=hosts)
    moments = sorted(item["at"] for item in result.items)
    if len(moments) != pages:
        raise RuntimeError(f"{len(moments)} of {pages} pages: {result.reason}")
    return (pages - 1) / (moments[-1] - moments[0])
