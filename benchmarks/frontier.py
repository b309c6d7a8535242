"""`python -m benchmarks.frontier`: what a request costs the scheduler, in microseconds, by the place where it waits.

No network and no root. Every figure is the best of three runs of one process; a request has a callback and a depth, as
those of a crawl have, and is new to the filter of duplicates. Scrapy 2.19's figures are of an earlier day, on a machine
of the same kind: they say how many times, not how much.
"""

from __future__ import annotations

import gc
import sys
from tempfile import TemporaryDirectory
from time import perf_counter
from types import SimpleNamespace
from typing import Any

from shoal.crawl.components import build_from_crawler
from shoal.crawl.crawler import Crawler
from shoal.crawl.request import Request
from shoal.crawl.scheduler import Scheduler
from shoal.crawl.spider import Spider

ROUNDS = 3
NO_FILTER = {"DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter"}
PICKLE = {
    "SCHEDULER_DISK_QUEUE": "scrapy.squeues.PickleLifoDiskQueue",
    "SCHEDULER_START_DISK_QUEUE": "scrapy.squeues.PickleFifoDiskQueue",
}
SQLITE = {
    "SCHEDULER_DISK_QUEUE": "scrapy.squeues.DataLifoSQLiteQueue",
    "SCHEDULER_START_DISK_QUEUE": "scrapy.squeues.DataFifoSQLiteQueue",
}
# What, requests, hosts, whether there is a job directory, settings, Scrapy's microseconds in and out.
ROWS: list[tuple[str, int, int, bool, dict[str, Any], str]] = [
    ("memory, no filter", 100_000, 1, False, NO_FILTER, ""),
    ("memory", 100_000, 1, False, {}, "42 / 6.0"),
    ("memory, 1,000 hosts", 100_000, 1000, False, {}, ""),
    ("files, data", 30_000, 1, True, {}, "73 / 31"),
    ("files, pickle", 30_000, 1, True, PICKLE, "73 / 31"),
    ("SQLite, data", 1_000, 1, True, SQLITE, "1279 / 2653"),
]


class Pages(Spider):
    """A spider with one callback."""

    name = "pages"

    def parse(self, response: Any, **kwargs: Any) -> None:
        """Nothing."""


class Line:
    """A downloader that has room for everything."""

    def __init__(self) -> None:
        self.slots: dict[str, Any] = {}

    def get_slot_key(self, request: Request) -> str:
        """As the downloader does."""
        from shoal.crawl.parsed_url import parsed_url

        return parsed_url(request).hostname or ""


def main() -> int:
    """Measure all rows."""
    print(f"{'':24}{'in, us':>10}{'out, us':>10}   Scrapy 2.19, in / out")
    for name, count, hosts, job, settings, scrapy in ROWS:
        rounds = [_measure(count, hosts, job, settings) for _ in range(ROUNDS)]
        taken, given = (min(times) for times in zip(*rounds, strict=True))
        print(f"{name:24}{taken:10.1f}{given:10.1f}   {scrapy}")
    return 0


def _measure(count: int, hosts: int, job: bool, settings: dict[str, Any]) -> tuple[float, float]:
    with TemporaryDirectory(prefix="shoal-bench-") as folder:
        scheduler = _scheduler(settings | ({"JOBDIR": folder} if job else {}))
        parse = scheduler.spider.parse  # type: ignore[union-attr]
        requests = [Request(f"https://h{n % hosts}.example/{n}", parse, meta={"depth": 1}) for n in range(count)]
        gc.collect()
        begin = perf_counter()
        for request in requests:
            scheduler.enqueue_request(request)
        filled = perf_counter()
        while scheduler.next_request() is not None:
            pass
        end = perf_counter()
        scheduler.close("finished")
    return (filled - begin) / count * 1e6, (end - filled) / count * 1e6


def _scheduler(settings: dict[str, Any]) -> Scheduler:
    crawler = Crawler(Pages, settings)
    crawler._apply_settings()
    crawler.spider = crawler._create_spider()
    crawler.engine = SimpleNamespace(downloader=Line())
    scheduler: Scheduler = build_from_crawler(Scheduler, crawler)
    scheduler.open(crawler.spider)
    return scheduler


if __name__ == "__main__":
    sys.exit(main())
