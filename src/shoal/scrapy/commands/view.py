"""`view`: a page in the browser, as the crawler gets it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shoal.crawl.response import TextResponse
from shoal.scrapy.commands import fetch
from shoal.scrapy.utils.response import open_in_browser

if TYPE_CHECKING:
    import argparse

    from shoal.crawl.response_base import Response

logger = logging.getLogger("scrapy.commands.view")


class Command(fetch.Command):
    """Fetches like `fetch`, shows it like a browser."""

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Open URL in browser, as seen by Scrapy"

    def long_desc(self) -> str:
        """What is special about it."""
        return "Fetch a URL the way a spider would, and show the page in the browser: without scripts, as the spider."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Those of `fetch`, of which headers make no sense here."""
        super().add_options(parser)
        parser.set_defaults(headers=False)

    def show(self, response: Response, opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Open the browser."""
        if isinstance(response, TextResponse):
            open_in_browser(response)
        else:
            logger.error("Cannot view a non-text response.")
