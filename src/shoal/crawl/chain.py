"""A chain of components of one kind, and the methods of theirs that are called in turn.

The one rule: a component that is not configured is left out and named in the log; any other error while building one
is the caller's.
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import build_from_crawler, load_object, object_path
from shoal.crawl.default_homes import is_off
from shoal.crawl.exceptions import NotConfigured, ScrapyDeprecationWarning
from shoal.crawl.log import is_heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.settings import BaseSettings

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.middleware")


class MiddlewareManager:
    """Base of the chains; a subclass says where its list is and which methods it calls."""

    component_name: str

    def __init__(self, *middlewares: Any, crawler: Crawler | None = None) -> None:
        if crawler is None:
            warnings.warn(
                f"{type(self).__qualname__}.__init__() was called without the crawler argument. This is deprecated.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
        self.crawler = crawler
        self.middlewares = middlewares
        self.methods: dict[str, deque[Any]] = defaultdict(deque)
        for middleware in middlewares:
            self._add_middleware(middleware)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The chain that the crawler's settings ask for."""
        wanted = cls._get_mwlist_from_settings(crawler.settings)
        classes = [load_object(component) for component in wanted if not is_off(component, crawler.settings)]
        enabled = list(_build(classes, crawler))
        cls._log([path for path, _ in enabled], crawler)
        return cls(*(middleware for _, middleware in enabled), crawler=crawler)

    @classmethod
    def _log(cls, paths: list[str], crawler: Crawler) -> None:
        if not is_heard(logger, logging.INFO):
            return
        from pprint import pformat

        told = {"componentname": cls.component_name, "enabledlist": pformat(paths)}
        logger.info("Enabled %(componentname)ss:\n%(enabledlist)s", told, extra={"crawler": crawler})

    @classmethod
    def _get_mwlist_from_settings(cls, settings: BaseSettings) -> list[Any]:
        raise NotImplementedError

    def _add_middleware(self, middleware: Any) -> None:
        """Take the methods that the chain calls."""
        add_spider_hooks(self.methods, middleware)


def add_spider_hooks(methods: dict[str, deque[Any]], middleware: Any) -> None:
    """`open_spider` is called in the order of the chain, `close_spider` in the opposite one."""
    opened: Callable[..., Any] | None = getattr(middleware, "open_spider", None)
    if opened is not None:
        methods["open_spider"].append(opened)
    closed: Callable[..., Any] | None = getattr(middleware, "close_spider", None)
    if closed is not None:
        methods["close_spider"].appendleft(closed)


def _build(components: Iterable[Any], crawler: Crawler) -> Iterable[tuple[str, Any]]:
    """Path and instance of each component that is configured."""
    for component in components:
        try:
            yield object_path(component), build_from_crawler(component, crawler)
        except NotConfigured as reason:
            if reason.args:
                logger.warning(
                    "Disabled %(clspath)s: %(eargs)s",
                    {"clspath": object_path(component), "eargs": reason.args[0]},
                    extra={"crawler": crawler},
                )
