"""`bench`: how many pages a second this machine crawls, from a site of its own on loopback.

The one rule: nothing but this machine is asked for anything. The pages are small, so this is an upper bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from shoal.crawl.spider import Spider
from shoal.lab.maze import Maze
from shoal.scrapy.commands import ScrapyCommand, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


class BenchSpider(Spider):
    """Follows every link there is."""

    name = "follow"

    def parse(self, response: Any, **kwargs: Any) -> Iterator[Any]:  # noqa: ARG002
        """The pages behind this one."""
        yield from response.follow_all(css="a")


class Command(ScrapyCommand):
    """Crawls for ten seconds."""

    default_settings: ClassVar = {"LOG_LEVEL": "INFO", "LOGSTATS_INTERVAL": 1, "CLOSESPIDER_TIMEOUT": 10}

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Run quick benchmark test"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Crawl, and say how fast it went."""
        crawler = self.crawler_process.create_crawler(BenchSpider)
        with Maze() as maze:
            self.crawler_process.crawl(crawler, start_urls=[maze.url])
            self.crawler_process.start()
        stats = crawler.stats.get_stats()
        seconds = stats.get("elapsed_time_seconds", 0)
        pages = stats.get("response_received_count", 0)
        self.exitcode = int(self.crawler_process.bootstrap_failed)
        if seconds:
            say(f"{pages:,} pages in {seconds:.1f} s: {pages / seconds:,.0f} a second")
