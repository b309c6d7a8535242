"""The spider: where a crawl begins, and what is made of its pages.

The one rule: a spider of any age runs. It may say where to begin in `start_urls`, `start_requests()` or `start()`,
and it need not call the `__init__` of its base.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

from shoal.crawl import signals
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.log import SpiderLoggerAdapter
from shoal.crawl.outputs import results_of
from shoal.crawl.request import Request
from shoal.crawl.trackref import object_ref
from shoal.crawl.urls import url_is_from_any_domain

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings, Settings


class Spider(object_ref):
    """Base of all spiders. `name` is required; every other argument becomes an attribute of the same name.

    `allowed_domains`: hosts the crawl stays on, with all below them. `custom_settings`: settings of this spider alone.
    Raises ValueError when there is no name.
    """

    name: str
    start_urls: list[str]
    allowed_domains: Iterable[str]
    custom_settings: dict[str, Any] | None = None
    crawler: Crawler
    settings: Settings

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        if name is not None:
            self.name = name
        elif not getattr(self, "name", None):
            raise ValueError(f"{type(self).__name__} must have a name")
        self.__dict__.update(kwargs)
        if not hasattr(self, "start_urls"):
            self.start_urls = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider for `crawler`; the other arguments are those of `__init__`."""
        spider = cls(*args, **kwargs)
        spider._set_crawler(crawler)
        return spider

    def _set_crawler(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.settings = crawler.settings
        crawler.signals.connect(self.close, signals.spider_closed)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Put the spider's `custom_settings` into `settings`, before the spider exists."""
        settings.setdict(cls.custom_settings or {}, priority="spider")

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Whether the URL is on a host that this spider names."""
        return url_is_from_any_domain(request.url, [cls.name, *getattr(cls, "allowed_domains", ())])

    @property
    def logger(self) -> SpiderLoggerAdapter:
        """A logger of the spider's name, whose records carry the spider."""
        return SpiderLoggerAdapter(logging.getLogger(self.name), {"spider": self})

    def log(self, message: Any, level: int = logging.DEBUG, **kw: Any) -> None:
        """Log a message. Old: use `logger`."""
        warnings.warn(
            "Spider.log() is deprecated, use the methods of Spider.logger instead.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
        self.logger.log(level, message, **kw)

    async def start(self) -> AsyncIterator[Any]:
        """The requests (or items) the crawl begins with: those of `start_requests()`, taken when they are wanted."""
        async for request_or_item in results_of(self.start_requests()):
            yield request_or_item

    def start_requests(self) -> Iterable[Any]:
        """A request for each of `start_urls`. Raises AttributeError when there is only a misspelt `start_url`."""
        urls = getattr(self, "start_urls", ())
        if not urls and hasattr(self, "start_url"):
            raise AttributeError(
                "Crawling could not start: 'start_urls' not found or empty "
                "(but found 'start_url' attribute instead, did you miss an 's'?)"
            )
        for url in urls:
            yield self.make_requests_from_url(url)

    def make_requests_from_url(self, url: str) -> Request:
        """The request for one of `start_urls`, which is fetched even when it has been before."""
        return Request(url, dont_filter=True)

    def _parse(self, response: Response, **kwargs: Any) -> Any:
        """Who gets the response of a request without a callback."""
        return self.parse(response, **kwargs)

    def parse(self, response: Response, **kwargs: Any) -> Any:
        """The callback of requests that name none."""
        raise NotImplementedError(f"{type(self).__name__}.parse callback is not defined")

    @staticmethod
    def close(spider: Spider, reason: str) -> Any:
        """Tell the spider, if it wants to know, that its crawl has ended, and why."""
        closed = getattr(spider, "closed", None)
        return closed(reason) if callable(closed) else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'name', None)!r} at 0x{id(self):0x}>"
