"""`parse`: what a spider makes of one page, and if asked of the pages behind it.

The one rule: the spider's own callbacks run as in a crawl; what they give is noted, level by level, and only what
the depth allows is followed.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import UsageError
from shoal.crawl.request import Request
from shoal.scrapy.commands import BaseRunSpiderCommand
from shoal.scrapy.commands._findings import Findings
from shoal.scrapy.commands._one_page import beginning_with, only_url
from shoal.scrapy.commands._outcome import run_crawler
from shoal.scrapy.utils.spider import spidercls_for_request

if TYPE_CHECKING:
    import argparse

    from shoal.crawl.spider import Spider

logger = logging.getLogger("scrapy.commands.parse")

_JSON_OPTIONS = {"meta": "-m/--meta", "cbkwargs": "--cbkwargs"}


class Command(BaseRunSpiderCommand):
    """Fetches a page, gives it to a callback, prints items and requests."""

    requires_project = True

    def syntax(self) -> str:
        """A URL."""
        return "[options] <url>"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Parse URL (using its spider) and print the results"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What is run and what is shown."""
        super().add_options(parser)
        flag: dict[str, Any] = {"action": "store_true", "default": False}
        parser.add_argument("--spider", help="use this spider instead of the one that handles the URL")
        parser.add_argument("-c", "--callback", help="use this method of the spider (default: parse)")
        parser.add_argument("-r", "--rules", **flag, help="let the rules of a CrawlSpider choose the callback")
        parser.add_argument("-m", "--meta", metavar="JSON", help="meta of the request, such as '{\"page\": 2}'")
        parser.add_argument("--cbkwargs", metavar="JSON", help="arguments of the callback")
        parser.add_argument(
            "-d", "--depth", type=int, default=1, help="follow requests so many levels deep (default 1)"
        )
        parser.add_argument("--pipelines", **flag, help="pass items through the pipelines")
        parser.add_argument("--noitems", **flag, help="do not show items")
        parser.add_argument("--nolinks", **flag, help="do not show requests")
        parser.add_argument("--nocolour", **flag, help="no colours")
        parser.add_argument("-v", "--verbose", **flag, help="show every level")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the JSON. Raises UsageError where it is none."""
        super().process_options(args, opts)
        for name, option in _JSON_OPTIONS.items():
            setattr(opts, name, _table(getattr(opts, name), option))
        if not opts.pipelines:
            self._settings().set("ITEM_PIPELINES", {}, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch, parse, print."""
        url = only_url(args)
        request = Request(url, dont_filter=True, meta=opts.meta, cb_kwargs=opts.cbkwargs)
        spidercls = self._spider_for(request, opts.spider)
        if spidercls is None:
            return
        findings = Findings(opts.depth, opts.pipelines or bool(opts.output or opts.overwrite_output))

        def first(spider: Spider) -> Request:
            return findings.watch_first(spider, request, opts.callback, opts.rules)

        crawler = self.crawler_process.create_crawler(beginning_with(spidercls, first))
        self.exitcode = run_crawler(self, crawler, opts.spargs)
        if not self.crawler_process.bootstrap_failed:
            findings.show(opts)

    def _spider_for(self, request: Request, name: str | None) -> type[Spider] | None:
        loader = self.crawler_process.spider_loader
        if not name:
            found = spidercls_for_request(loader, request)
            if found is None:
                logger.error("Unable to find spider for: %(url)s", {"url": request.url})
            return found
        try:
            spidercls: type[Spider] = loader.load(name)
        except KeyError:
            logger.error("Unable to find spider: %(spider)s", {"spider": name})
            return None
        return spidercls


def _table(text: str | None, option: str) -> dict[str, Any]:
    """A JSON object as a dict, {} for None."""
    problem = f'Invalid {option} value, pass a valid json string to it, such as \'{{"name": "value"}}\''
    try:
        table = json.loads(text or "{}")
    except ValueError:
        raise UsageError(problem, print_help=False) from None
    if not isinstance(table, dict):
        raise UsageError(problem, print_help=False)
    return table
