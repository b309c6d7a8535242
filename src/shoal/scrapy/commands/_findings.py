"""What callbacks gave, level by level, and the callbacks that note it.

The one rule: a callback is wrapped once, however often its request is made anew (a spider that retries copies
requests with their callbacks).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from functools import wraps
from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter

from shoal.crawl.follow import FollowAll
from shoal.crawl.outputs import results_of
from shoal.crawl.request import Request
from shoal.scrapy.commands import say
from shoal.scrapy.utils import display

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Callable

    from shoal.crawl.response_base import Response
    from shoal.crawl.spider import Spider

    Callback = Callable[..., Any]

logger = logging.getLogger("scrapy.commands.parse")

_LEVEL = "_parse_level"
_ORIGINAL = "_parse_original"
_WIDTH = 78


class Findings:
    """Items and requests of each level, down to level `depth`. `pass_items`: let them go on into the crawl, too."""

    def __init__(self, depth: int, pass_items: bool) -> None:
        self.depth = depth
        self.items: defaultdict[int, list[Any]] = defaultdict(list)
        self.requests: defaultdict[int, list[Request]] = defaultdict(list)
        self._pass_items = pass_items
        self._default: Callback = _nothing

    def watch_first(self, spider: Spider, request: Request, callback: str | None, by_rules: bool) -> Request:
        """Let the answer to the first request go to the spider's method of that name, or to the one a rule names."""
        self._default = spider._parse
        return self._watch(request, _chosen(spider, request.url, callback, by_rules) or _nothing, 1)

    def _watch(self, request: Request, callback: Callback, level: int) -> Request:
        request.meta[_LEVEL] = level
        original = getattr(callback, _ORIGINAL, callback)

        @wraps(original)
        async def noting(response: Response, **cb_kwargs: Any) -> AsyncIterator[Any]:
            async for result in results_of(original(response, **cb_kwargs)):
                for one in result if isinstance(result, FollowAll) else (result,):
                    async for passed in self._note(one, response.meta[_LEVEL]):
                        yield passed

        setattr(noting, _ORIGINAL, original)
        request.callback = noting
        return request

    async def _note(self, result: Any, level: int) -> AsyncIterator[Any]:
        if not isinstance(result, Request):
            self.items[level].append(result)
            if self._pass_items:
                yield result
            return
        self.requests[level].append(result)
        if level < self.depth:
            callback = result.callback or self._default
            yield self._watch(result.replace(dont_filter=True), callback, level + 1)

    # Showing

    def show(self, opts: argparse.Namespace) -> None:
        """Print what was found: all items and the last requests, or with `--verbose` every level."""
        deepest = max([*self.items, *self.requests, 1])
        if opts.verbose:
            for level in range(1, deepest + 1):
                say("", f">>> DEPTH LEVEL: {level} <<<")
                _show(self.items[level], self.requests[level], opts)
        else:
            say("", f">>> STATUS DEPTH LEVEL {deepest} <<<")
            _show([item for level in sorted(self.items) for item in self.items[level]], self.requests[deepest], opts)


def _show(items: list[Any], requests: list[Request], opts: argparse.Namespace) -> None:
    if not opts.noitems:
        say("# Scraped Items  ".ljust(_WIDTH, "-"))
        display.pprint([ItemAdapter(item).asdict() for item in items], colorize=not opts.nocolour)
    if not opts.nolinks:
        say("# Requests  ".ljust(_WIDTH, "-"))
        display.pprint(requests, colorize=not opts.nocolour)


def _nothing(response: Response, **_: Any) -> None:
    """The callback of a page for which there is none."""


def _chosen(spider: Spider, url: str, name: str | None, by_rules: bool) -> Callback | None:
    """The callback for the first page; None, with a line in the log, when there is none."""
    wanted: Any = name
    if by_rules and not name:
        wanted = _by_rules(spider, url)
        if wanted is None:
            return None
    wanted = wanted or "parse"
    found: Any = wanted if callable(wanted) else getattr(spider, wanted, None)
    if not callable(found):
        logger.error(
            "Cannot find callback %(callback)r in spider: %(spider)s", {"callback": wanted, "spider": spider.name}
        )
        return None
    callback: Callback = found
    return callback


def _by_rules(spider: Spider, url: str) -> Any:
    """What the first rule that matches names as callback, "" when it names none; None when no rule matches."""
    rules = getattr(spider, "rules", None)
    if not rules:
        logger.error(
            "No CrawlSpider rules found in spider %(spider)r, please specify a callback", {"spider": spider.name}
        )
        return None
    for rule in rules:
        if rule.link_extractor.matches(url):
            return rule.callback or ""
    logger.error("Cannot find a rule that matches %(url)r in spider: %(spider)s", {"url": url, "spider": spider.name})
    return None
