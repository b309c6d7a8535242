"""Finding spider classes, and turning what callbacks return into something to iterate."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl.spider import Spider
from shoal.crawl.spiderloader import spiders_of as iter_spider_classes

if TYPE_CHECKING:
    from shoal.crawl.request import Request
    from shoal.crawl.spiderloader import SpiderLoaderProtocol

__all__ = ["DefaultSpider", "iter_spider_classes", "iterate_spider_output", "spidercls_for_request"]

logger = logging.getLogger("scrapy.utils.spider")


class DefaultSpider(Spider):
    """The spider of commands and tests that need one and have none."""

    name = "default"


def iterate_spider_output(result: Any) -> Any:
    """What a callback returned as something to iterate; an async generator stays one, a coroutine is awaited first."""
    from shoal.scrapy.utils.misc import arg_to_iter

    if inspect.isasyncgen(result):
        return result
    if inspect.iscoroutine(result):
        return _iterated(result)
    return arg_to_iter(result)


async def _iterated(result: Any) -> Any:
    return iterate_spider_output(await result)


def spidercls_for_request(
    spider_loader: SpiderLoaderProtocol,
    request: Request,
    default_spidercls: type[Spider] | None = None,
    log_none: bool = False,
    log_multiple: bool = False,
) -> type[Spider] | None:
    """The one spider class that would take `request`; `default_spidercls` when there is none or more than one."""
    names = spider_loader.find_by_request(request)
    if len(names) == 1:
        return spider_loader.load(names[0])
    if len(names) > 1 and log_multiple:
        logger.error(
            "More than one spider can handle: %(request)s - %(snames)s",
            {"request": request, "snames": ", ".join(names)},
        )
    if not names and log_none:
        logger.error("Unable to find spider that handles: %(request)s", {"request": request})
    return default_spidercls
