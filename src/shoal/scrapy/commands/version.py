"""`version`: which Scrapy this layer stands for, and what it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shoal.crawl.versions import library_versions
from shoal.scrapy import __version__
from shoal.scrapy.commands import ScrapyCommand, say

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Says the version."""

    requires_crawler_process = False
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """One option."""
        return "[-v]"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Print the version of Scrapy that this layer follows"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """`-v` names the libraries, too."""
        super().add_options(parser)
        parser.add_argument("-v", "--verbose", action="store_true", help="name the libraries as well")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Print it."""
        if not opts.verbose:
            say(f"Scrapy {__version__}")
            return
        rows = [("Scrapy", __version__), *library_versions()]
        width = max(len(name) for name, _ in rows)
        say(*(f"{name:<{width}} : {number}" for name, number in rows))
