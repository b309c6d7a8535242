"""`list`: the spiders of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shoal.crawl.spiderloader import get_spider_loader
from shoal.scrapy.commands import ScrapyCommand, say

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """One name a line."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        """In the list of commands."""
        return "List available spiders"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Print the names, sorted."""
        say(*sorted(get_spider_loader(self._settings()).list()))
