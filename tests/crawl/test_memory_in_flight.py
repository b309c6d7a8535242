"""How many bytes of responses a crawl holds at once."""

from __future__ import annotations

import asyncio
from typing import Any

from site_in_memory import settings_of

from shoal.crawl import run
from shoal.crawl.spider import Spider

SIZE = 100_000
PAGES = {f"http://t/{number}": "x" * SIZE for number in range(40)}


class Slow(Spider):
    """Keeps each page for some rounds of the loop, as one does that waits for a database."""

    name = "slow"
    start_urls = [*PAGES]  # noqa: RUF012  as spiders are written
    held = most = 0

    async def parse(self, _response: Any) -> Any:
        self.held += 1
        Slow.most = max(Slow.most, self.held)
        for _ in range(30):
            await asyncio.sleep(0)
        self.held -= 1
        yield {}


def most_held(**settings: Any) -> int:
    Slow.most = 0
    result = run(Slow, settings_of(PAGES, **settings))
    assert len(result.items) == len(PAGES)
    return Slow.most


def test_pages_that_wait_for_the_spider_hold_back_downloads() -> None:
    # Two pages are within the limit, the third is over it; then at most as many more as were on their way.
    assert most_held(CONCURRENT_REQUESTS=4, SCRAPER_SLOT_MAX_ACTIVE_SIZE=2 * SIZE) <= 3 + 4


def test_pages_that_come_together_do_not_each_send_for_another() -> None:
    # All that are on their way arrive in one round: the first is over the limit, so none sends for its successor.
    assert most_held(CONCURRENT_REQUESTS=8, SCRAPER_SLOT_MAX_ACTIVE_SIZE=SIZE // 2) == 8


def test_a_large_limit_leaves_the_downloader_its_room() -> None:
    assert most_held(CONCURRENT_REQUESTS=8, SCRAPER_SLOT_MAX_ACTIVE_SIZE=100 * SIZE) > 8
