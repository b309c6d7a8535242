"""What `fetch`, `view`, `parse` and `shell` have in common: one page, asked for as a spider of the project would.

The one rule: no answer is left out, whatever its status, and duplicates are no reason not to ask.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from w3lib.url import is_url

from shoal.crawl.exceptions import UsageError
from shoal.crawl.request import Request
from shoal.scrapy.utils.datatypes import SequenceExclude
from shoal.scrapy.utils.spider import DefaultSpider, spidercls_for_request

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Callable

    from shoal.crawl.spider import Spider

logger = logging.getLogger("scrapy.commands")


def add_page_options(parser: argparse.ArgumentParser) -> None:
    """Declare which spider asks, and whether redirects are followed."""
    parser.add_argument("--spider", help="ask as this spider does, instead of the one that handles the URL")
    parser.add_argument(
        "--no-redirect", dest="no_redirect", action="store_true", default=False, help="do not follow redirects"
    )


def only_url(args: list[str]) -> str:
    """The one argument, which must be a URL. Raises UsageError."""
    if len(args) != 1 or not is_url(args[0]):
        raise UsageError
    return args[0]


def page_request(url: str, opts: argparse.Namespace, **kwargs: Any) -> Request:
    """The request for the page."""
    request = Request(url, dont_filter=True, **kwargs)
    request.meta.update(answers_wanted(not opts.no_redirect))
    return request


def answers_wanted(redirect: bool) -> dict[str, Any]:
    """Meta of a request whose answer is wanted whatever its status, though redirects may be followed."""
    return {"handle_httpstatus_list": SequenceExclude(range(300, 400))} if redirect else {"handle_httpstatus_all": True}


def spider_for(process: Any, request: Request, name: str | None) -> type[Spider]:
    """The spider class that asks: the named one, the one that handles the URL, or none in particular.

    Raises UsageError when there is no spider of that name.
    """
    if not name:
        found = spidercls_for_request(process.spider_loader, request, DefaultSpider)
        assert found is not None
        return found
    try:
        spidercls: type[Spider] = process.spider_loader.load(name)
    except KeyError:
        raise UsageError(f"Unable to find spider: {name}") from None
    return spidercls


def beginning_with(spidercls: type[Spider], first: Callable[[Spider], Request]) -> type[Spider]:
    """The same spider, whose crawl begins, and without callbacks ends, with the request that `first` gives."""

    async def start(spider: Spider) -> AsyncIterator[Request]:
        yield first(spider)

    return type(spidercls.__name__, (spidercls,), {"start": start, "__module__": spidercls.__module__})
