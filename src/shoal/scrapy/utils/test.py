"""What tests of spiders and components need: a crawler without a crawl."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import shoal
from shoal.crawl.crawler import Crawler
from shoal.crawl.settings import Settings

if TYPE_CHECKING:
    from shoal.crawl.spider import Spider

__all__ = ["get_crawler", "get_from_asyncio_queue", "get_pythonpath", "get_reactor_settings", "get_testenv"]

_T = TypeVar("_T")


def get_crawler(
    spidercls: type[Spider] | None = None,
    settings_dict: dict[str, Any] | None = None,
    prevent_warnings: bool = True,
) -> Crawler:
    """A crawler with these settings applied and its components built, that has not begun."""
    from shoal.scrapy.utils.spider import DefaultSpider

    del prevent_warnings
    settings = Settings()
    settings.setdict({**get_reactor_settings(), **(settings_dict or {})})
    crawler = Crawler(spidercls or DefaultSpider, settings)
    crawler._apply_settings()
    return crawler


def get_reactor_settings() -> dict[str, Any]:
    """The settings that say what kind of loop the tests run in."""
    return {"TWISTED_REACTOR_ENABLED": False}


def get_pythonpath() -> str:
    """A PYTHONPATH by which a child process finds this very Shoal."""
    return str(Path(shoal.__file__).parent.parent) + os.pathsep + os.environ.get("PYTHONPATH", "")


def get_testenv() -> dict[str, str]:
    """The environment for a child process that shall import this very Shoal."""
    return {**os.environ, "PYTHONPATH": get_pythonpath()}


async def get_from_asyncio_queue(value: _T) -> _T:
    """The same value, after a trip that needs a running asyncio loop."""
    queue: asyncio.Queue[_T] = asyncio.Queue()
    queue.put_nowait(value)
    return await queue.get()
