"""Scrapy's `scrapy.shell`: a prompt at which a page is at hand, and others can be fetched.

The one rule: the engine runs in a thread of its own, so that the prompt may wait for the user; at a prompt that a
callback has opened (`inspect_response`) the engine is waiting itself, and nothing can be fetched.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from itemadapter import is_item

from shoal.crawl.components import load_object
from shoal.crawl.crawler import Crawler
from shoal.crawl.loops import finish, new_loop
from shoal.crawl.project import get_config
from shoal.crawl.request import Request
from shoal.crawl.response_base import Response
from shoal.crawl.settings import Settings
from shoal.crawl.spider import Spider
from shoal.scrapy.commands._one_page import answers_wanted
from shoal.scrapy.utils.console import DEFAULT_PYTHON_SHELLS, start_python_console
from shoal.scrapy.utils.response import open_in_browser
from shoal.scrapy.utils.url import guess_scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Shell:
    """A prompt for a crawler; `update_vars(vars)` may add names to it, `code` is evaluated instead of asking a user."""

    relevant_classes = (Crawler, Spider, Request, Response, Settings)

    def __init__(
        self, crawler: Crawler, update_vars: Callable[[dict[str, Any]], None] | None = None, code: str | None = None
    ) -> None:
        self.crawler = crawler
        self.update_vars = update_vars or (lambda _: None)
        self.code = code
        self.item_class = load_object(crawler.settings["DEFAULT_ITEM_CLASS"])
        self.spider: Spider | None = None
        self.vars: dict[str, Any] = {}
        self._inthread = False
        self._loop: asyncio.AbstractEventLoop | None = None

    # The engine

    @contextmanager
    def engine(self) -> Iterator[None]:
        """While the block lasts, an engine without work runs in a thread, and `fetch` can be used."""
        loop = self._loop = new_loop(self.crawler.settings)
        begun = threading.Event()
        thread = threading.Thread(target=self._serve, args=(loop, begun), name="shell", daemon=True)
        thread.start()
        begun.wait()
        self._inthread = True
        try:
            self._wait_for(self._begin())
            yield
        finally:
            self._inthread = False
            try:
                self._wait_for(self._end())
            finally:
                loop.call_soon_threadsafe(loop.stop)
                thread.join()

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop, begun: threading.Event) -> None:
        loop.call_soon(begun.set)
        loop.run_forever()
        finish(loop)

    def _wait_for(self, coroutine: Any) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _begin(self) -> None:
        self.crawler._apply_settings()
        self.crawler.spider = self.spider = self.crawler._create_spider()
        self.crawler.engine = self.crawler._create_engine()
        await self._open_spider(self.spider)
        self._crawling = asyncio.ensure_future(self.crawler.engine.start_async())
        await asyncio.sleep(0)  # the engine must run before anything is fetched

    async def _end(self) -> None:
        engine = self.crawler.__dict__.get("engine")
        if engine is not None:
            await engine.close_async()

    async def _open_spider(self, spider: Spider | None) -> None:
        """Open the spider, once; later ones are of no use to an engine that has its own."""
        if spider is not None:
            self.crawler.spider = self.spider = spider
        await self.crawler.engine.open_spider_async(close_if_idle=False)

    # The prompt

    def start(
        self,
        url: str | None = None,
        request: Request | None = None,
        response: Response | None = None,
        spider: Spider | None = None,
        redirect: bool = True,
    ) -> None:
        """Fetch what is named, if anything, and ask the user, or evaluate `code`; returns when that is over."""
        if url:
            self.fetch(url, spider, redirect=redirect)
        elif request:
            self.fetch(request, spider)
        else:
            self.populate_vars(response, response.request if response else None, spider)
        if self.code:
            print(eval(self.code, globals(), self.vars))  # noqa: S307, T201  what the user wrote is meant to be run
            return
        with _python_interrupts():
            start_python_console(self.vars, shells=_shells(), banner=self.vars.pop("banner", ""))

    def fetch(
        self, request_or_url: Request | str, spider: Spider | None = None, redirect: bool = True, **kwargs: Any
    ) -> None:
        """Fetch a URL or a request; `request` and `response` then mean the new ones. Raises as a download does."""
        if isinstance(request_or_url, Request):
            request = request_or_url
        else:
            request = Request(guess_scheme(request_or_url), dont_filter=True, **kwargs)
            request.meta.update(answers_wanted(redirect))
        response = self._wait_for(self.crawler.engine.download_async(request))
        self.populate_vars(response, request, spider)

    def populate_vars(
        self, response: Response | None = None, request: Request | None = None, spider: Spider | None = None
    ) -> None:
        """Set the names that the prompt knows."""
        import shoal.scrapy

        self.vars |= {"scrapy": shoal.scrapy, "crawler": self.crawler, "item": self.item_class()}
        self.vars |= {"settings": self.crawler.settings, "spider": spider or self.spider}
        self.vars |= {"request": request, "response": response}
        self.vars |= {"view": open_in_browser, "shelp": self.print_help}
        if self._inthread:
            self.vars["fetch"] = self.fetch
        self.update_vars(self.vars)
        if not self.code:
            self.vars["banner"] = self.get_help()

    def print_help(self) -> None:
        """Print what is at hand."""
        print(self.get_help())  # noqa: T201  asked for at a prompt

    def get_help(self) -> str:
        """What is at hand, a line each."""
        lines = ["Available Scrapy objects:", f"  {'scrapy':<10} scrapy module (scrapy.Request, scrapy.Selector, ...)"]
        lines += [f"  {name:<10} {value!s}" for name, value in sorted(self.vars.items()) if self._is_relevant(value)]
        lines.append("Useful shortcuts:")
        if self._inthread:
            lines.append("  fetch(url[, redirect=True])  Fetch URL and update local objects")
            lines.append("  fetch(req)                   Fetch a scrapy.Request and update local objects")
        lines += [
            "  shelp()                      Print this help",
            "  view(response)               Show it in a browser",
        ]
        return "\n".join(f"[s] {line}" for line in lines) + "\n"

    def _is_relevant(self, value: Any) -> bool:
        return isinstance(value, self.relevant_classes) or is_item(value)


def inspect_response(response: Response, spider: Spider) -> None:
    """Open a prompt at this response, from within a callback; the crawl waits meanwhile."""
    Shell(spider.crawler).start(response=response, spider=spider)


def _shells() -> list[str]:
    """The prompts that the environment or scrapy.cfg prefer, or all we know."""
    named = os.environ.get("SCRAPY_PYTHON_SHELL")
    config = get_config()
    if named:
        return named.strip().split(",")
    if config.has_option("settings", "shell"):
        return [config.get("settings", "shell").strip().lower(), "python"]
    return [*DEFAULT_PYTHON_SHELLS]


@contextmanager
def _python_interrupts() -> Iterator[None]:
    """Let Ctrl-C cancel the line at the prompt, instead of ending the crawl around it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
        sys.stdout.flush()
