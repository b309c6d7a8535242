"""`edit`: a spider in the user's editor."""

from __future__ import annotations

import inspect
import os
import sys
from typing import TYPE_CHECKING, ClassVar

from shoal.crawl.exceptions import UsageError
from shoal.crawl.spiderloader import get_spider_loader
from shoal.scrapy.commands import ScrapyCommand
from shoal.scrapy.commands._editor import open_editor

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Opens the file of a spider."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """A spider's name."""
        return "<spider>"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Edit spider"

    def long_desc(self) -> str:
        """Which editor."""
        return "Edit a spider in the editor that the environment variable EDITOR names, or else the EDITOR setting."

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Open it, and end as the editor ends."""
        if len(args) != 1:
            raise UsageError
        try:
            spidercls = get_spider_loader(self._settings()).load(args[0])
        except KeyError:
            sys.stderr.write(f"Spider not found: {args[0]}\n")
            self.exitcode = 1
            return
        editor = os.environ.get("EDITOR") or self._settings()["EDITOR"]
        self.exitcode = open_editor(editor, inspect.getfile(spidercls))
