"""`shell`: a prompt with a page at hand."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from shoal.crawl.exceptions import UsageError
from shoal.crawl.request import Request
from shoal.scrapy.commands import ScrapyCommand
from shoal.scrapy.commands._one_page import spider_for
from shoal.scrapy.shell import Shell
from shoal.scrapy.utils.spider import DefaultSpider
from shoal.scrapy.utils.url import guess_scheme

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from shoal.crawl.spider import Spider

logger = logging.getLogger("scrapy.commands.shell")


class Command(ScrapyCommand):
    """Fetches the page, if one is named, and starts the best Python prompt that is installed."""

    default_settings: ClassVar = {
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "LOGSTATS_INTERVAL": 0,
        # Who types an address means it.
        "REFUSE_PRIVATE_ADDRESSES": False,
    }

    def syntax(self) -> str:
        """A URL or a file, if any."""
        return "[url|file]"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Interactive scraping console"

    def long_desc(self) -> str:
        """What can be named."""
        return "Interactive console for a URL or a local file: ./file.html, /path/file.html or file:///path/file.html"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What is run there, and who asks."""
        super().add_options(parser)
        parser.add_argument("-c", dest="code", help="evaluate the code in the shell, print the result and exit")
        parser.add_argument("--spider", help="ask as this spider does")
        parser.add_argument("--no-redirect", action="store_true", default=False, help="do not follow redirects")

    def update_vars(self, vars: dict[str, Any]) -> None:
        """For commands derived from this one: add names to the prompt."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Begin the engine, fetch, ask."""
        if len(args) > 1:
            raise UsageError
        url = guess_scheme(args[0]) if args else None
        spidercls = self._spider_for(url, opts.spider)
        shell = Shell(self.crawler_process.create_crawler(spidercls), update_vars=self.update_vars, code=opts.code)
        with shell.engine():
            try:
                shell.start(url=url, redirect=not opts.no_redirect)
            except Exception as problem:
                self._say_failure(problem, opts.code)

    def _say_failure(self, problem: Exception, code: str | None) -> None:
        """The page, or the code given with `-c`, has failed: in a line, and in full in the log."""
        logger.error("The shell has failed", exc_info=problem)
        told = f"{code!r}: " if code else ""
        sys.stderr.write(f"{self.prog} shell: {told}{type(problem).__name__}: {problem}\n")
        self.exitcode = 1

    def _spider_for(self, url: str | None, name: str | None) -> type[Spider]:
        found = spider_for(self.crawler_process, Request(url or "data:,"), name) if url or name else DefaultSpider
        return type(found.__name__, (found,), {"start": _nothing, "__module__": found.__module__})


async def _nothing(_spider: Spider) -> AsyncIterator[Any]:
    """At a prompt nothing is fetched but what the user asks for."""
    for request in list[Any]():
        yield request
