"""What the log says about a response, an item, an error: message, values and level, for each kind of event.

The one rule: a formatter returns what to log or None for silence; it logs nothing itself.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.failure import Failure
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response
    from shoal.crawl.spider import Spider

SCRAPEDMSG = "Scraped from %(src)s\n%(item)s"
DROPPEDMSG = "Dropped: %(exception)s\n%(item)s"
CRAWLEDMSG = "Crawled (%(status)s) %(request)s%(request_flags)s (referer: %(referer)s)%(response_flags)s"
ITEMERRORMSG = "Error processing %(item)s"
SPIDERERRORMSG = "Spider error processing %(request)s (referer: %(referer)s)"
DOWNLOADERRORMSG_SHORT = "Error downloading %(request)s"
DOWNLOADERRORMSG_LONG = "Error downloading %(request)s: %(errmsg)s"


class LogFormatterResult(TypedDict):
    """A level, a message with %-places, and what belongs in them."""

    level: int
    msg: str
    args: dict[str, Any] | tuple[Any, ...]


class LogFormatter:
    """Scrapy's wording. Projects replace it by the setting LOG_FORMATTER."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003
        """A formatter needs nothing from the crawler."""
        return cls()

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult | None:  # noqa: ARG002
        """A response has arrived."""
        response_flags = f" {response.flags!s}" if response.flags else ""
        args = {
            "status": response.status,
            "request": request,
            "request_flags": f" {request.flags!s}" if request.flags else "",
            "referer": _referer(request),
            "response_flags": response_flags,
            "flags": response_flags,  # the name of a time before requests had flags
        }
        return {"level": logging.DEBUG, "msg": CRAWLEDMSG, "args": args}

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult | None:
        """A spider has made an item; without a response it came from the start."""
        source: Any = f"{type(spider).__module__}.{type(spider).__qualname__}.start" if response is None else response
        source = source.getErrorMessage() if hasattr(source, "getErrorMessage") else source
        return {"level": logging.DEBUG, "msg": SCRAPEDMSG, "args": {"src": source, "item": item}}

    def dropped(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,  # noqa: ARG002
        spider: Spider,
    ) -> LogFormatterResult | None:
        """A pipeline has dropped an item."""
        level = getattr(exception, "log_level", None)
        if level is None:
            level = spider.crawler.settings["DEFAULT_DROPITEM_LOG_LEVEL"]
        if isinstance(level, str):
            level = getattr(logging, level)
        return {"level": level, "msg": DROPPEDMSG, "args": {"exception": exception, "item": item}}

    def item_error(
        self,
        item: Any,
        exception: BaseException,  # noqa: ARG002
        response: Response | Failure | None,  # noqa: ARG002
        spider: Spider,  # noqa: ARG002
    ) -> LogFormatterResult:
        """A pipeline has failed."""
        return {"level": logging.ERROR, "msg": ITEMERRORMSG, "args": {"item": item}}

    def spider_error(
        self,
        failure: Failure,  # noqa: ARG002
        request: Request,
        response: Response | Failure,  # noqa: ARG002
        spider: Spider,  # noqa: ARG002
    ) -> LogFormatterResult:
        """A callback has failed."""
        args = {"request": request, "referer": _referer(request)}
        return {"level": logging.ERROR, "msg": SPIDERERRORMSG, "args": args}

    def download_error(
        self,
        failure: Failure,  # noqa: ARG002
        request: Request,
        spider: Spider,  # noqa: ARG002
        errmsg: str | None = None,
    ) -> LogFormatterResult:
        """A download has failed, and no errback took care of it."""
        if errmsg:
            return {
                "level": logging.ERROR,
                "msg": DOWNLOADERRORMSG_LONG,
                "args": {"request": request, "errmsg": errmsg},
            }
        return {"level": logging.ERROR, "msg": DOWNLOADERRORMSG_SHORT, "args": {"request": request}}


def _referer(request: Request) -> str | None:
    referer = request.headers.get("Referer")
    return referer.decode("latin-1") if referer is not None else None
