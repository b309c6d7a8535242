"""`crawl`: run a spider of the project."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from shoal.crawl.exceptions import UsageError
from shoal.scrapy.commands._crawling import CrawlingCommand
from shoal.scrapy.commands._outcome import run_spider

if TYPE_CHECKING:
    import argparse


class Command(CrawlingCommand):
    """Runs the spider of that name to its end."""

    requires_project = True

    def syntax(self) -> str:
        """A spider's name."""
        return "[options] <spider>"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Run a spider"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run it. Raises UsageError for a name that no spider has."""
        if not args:
            raise UsageError
        if len(args) > 1:
            raise UsageError(f"running '{self.prog} crawl' with more than one spider is not supported")
        loader = self.crawler_process.spider_loader
        try:
            spidercls = loader.load(args[0])
        except KeyError:
            raise UsageError(_not_found(args[0], loader.list())) from None
        self.exitcode = run_spider(self, spidercls, opts)


def _not_found(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else f"; there are: {', '.join(sorted(known)) or 'none'}"
    return f"Spider not found: {name}{hint}"
