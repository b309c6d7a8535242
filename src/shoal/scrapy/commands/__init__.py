"""What commands are made of: Scrapy's base classes, for the commands here and for those of projects and plug-ins.

The one rule: a command gets `settings` and, if it asks for one, `crawler_process` before `run`; what it was called
wrongly with is a UsageError, and how it ended is its `exitcode`.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from shoal.crawl.components import object_path
from shoal.crawl.exceptions import ScrapyDeprecationWarning, UsageError
from shoal.scrapy.utils.conf import arglist_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoal.crawl.settings import Settings

__all__ = ["BaseRunSpiderCommand", "ScrapyCommand", "ScrapyHelpFormatter"]


class ScrapyCommand(ABC):
    """Base of all commands. `prog` is the program it was called by: `scrapy`, or `shoal`."""

    requires_project = False
    requires_crawler_process = True
    default_settings: ClassVar[dict[str, Any]] = {}
    crawler_process: Any = None
    settings: Settings | None = None
    exitcode = 0
    prog = "scrapy"

    def __init__(self) -> None:
        if type(self).help is not ScrapyCommand.help:
            warnings.warn(
                "The ScrapyCommand.help() method is deprecated and overriding it, as the "
                f"{object_path(type(self))} class does, has no effect; override long_desc() instead.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )

    def syntax(self) -> str:
        """What follows the command's name in its usage line."""
        return ""

    @abstractmethod
    def short_desc(self) -> str:
        """One line for the list of commands."""

    def long_desc(self) -> str:
        """What the command's help begins with."""
        return self.short_desc()

    def help(self) -> str:
        """Old: use `long_desc`."""
        warnings.warn(
            "ScrapyCommand.help() is deprecated, use long_desc() instead.", ScrapyDeprecationWarning, stacklevel=2
        )
        return self.long_desc()

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options that all commands have; a command with options of its own adds them after these."""
        group = parser.add_argument_group(title="Global Options")
        group.add_argument("--logfile", metavar="FILE", help="log file; without it the log goes to standard error")
        group.add_argument("-L", "--loglevel", metavar="LEVEL", help="DEBUG, INFO, WARNING or ERROR")
        group.add_argument("--nolog", action="store_true", help="no log at all")
        group.add_argument("--profile", metavar="FILE", help="write a profile of the run, as pstats reads it")
        group.add_argument("--pidfile", metavar="FILE", help="write the process id there")
        group.add_argument(
            "-s", "--set", action="append", default=[], metavar="NAME=VALUE", help="set a setting (may be repeated)"
        )
        group.add_argument("--pdb", action="store_true", help="enter the debugger at every error that is logged")
        if self.requires_crawler_process:
            group.add_argument(
                "--resolve",
                action="append",
                metavar="HOST:ADDRESS",
                help="connect to this address when HOST is asked for (may be repeated)",
            )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Turn options into settings, before there is a crawler process. Raises UsageError."""
        del args
        settings = self._settings()
        settings.setdict(pairs_of(opts.set, "-s"), priority="cmdline")
        if opts.logfile:
            settings.setdict({"LOG_ENABLED": True, "LOG_FILE": opts.logfile}, priority="cmdline")
        if opts.loglevel:
            settings.setdict({"LOG_ENABLED": True, "LOG_LEVEL": opts.loglevel}, priority="cmdline")
        if opts.nolog:
            settings.set("LOG_ENABLED", False, priority="cmdline")
        if getattr(opts, "resolve", None):
            settings.set("DOWNLOAD_RESOLVE", opts.resolve, priority="cmdline")
        if opts.pidfile:
            Path(opts.pidfile).write_text(f"{os.getpid()}{os.linesep}", encoding="utf-8")
        if opts.pdb:
            from shoal.scrapy.commands._debugger import enter_at_errors

            enter_at_errors()

    def _settings(self) -> Settings:
        assert self.settings is not None, "a command is given its settings before anything else"
        return self.settings

    @abstractmethod
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do it. Raises UsageError, without a message to have the help shown."""


_PROGRESS = "shoal.crawl.progress.Progress"


class BaseRunSpiderCommand(ScrapyCommand):
    """Base of commands that run a spider of the user: its arguments, and where its items go."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of a crawl."""
        super().add_options(parser)
        add_spider_arguments(parser)
        parser.add_argument(
            "-o",
            "--output",
            action="append",
            metavar="FILE[:FORMAT]",
            help="append items to FILE (- for standard output); the format is its suffix, or named after a colon",
        )
        parser.add_argument(
            "-O", "--overwrite-output", action="append", metavar="FILE[:FORMAT]", help="the same, but begin a new file"
        )
        parser.add_argument("-t", "--output-format", metavar="FORMAT", help="format for -o and -O (old: FILE:FORMAT)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Turn `-a` into a dict and `-o`, `-O` into FEEDS. Raises UsageError."""
        super().process_options(args, opts)
        if sys.stderr.isatty():
            # Into the table of those that are there anyway: a project's own EXTENSIONS are another.
            shown = {**self._settings().getdict("EXTENSIONS_BASE"), _PROGRESS: 0}
            self._settings().set("EXTENSIONS_BASE", shown, priority="command")
        opts.spargs = pairs_of(opts.spargs, "-a")
        if opts.output or opts.overwrite_output:
            from shoal.crawl.feed_options import feeds_from_command_line

            feeds = feeds_from_command_line(
                self._settings(),
                _in_format(opts.output, opts.output_format),
                overwrite_output=_in_format(opts.overwrite_output, opts.output_format),
            )
            self._settings().set("FEEDS", feeds, priority="cmdline")


def add_spider_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `-a`."""
    parser.add_argument(
        "-a",
        dest="spargs",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set an argument of the spider (may be repeated)",
    )


def pairs_of(words: Iterable[str], option: str) -> dict[str, str]:
    """`NAME=VALUE` words as a dict. Raises UsageError that names the option."""
    try:
        return arglist_to_dict(words)
    except ValueError:
        raise UsageError(f"Invalid {option} value, use {option} NAME=VALUE", print_help=False) from None


def _in_format(files: list[str] | None, feed_format: str | None) -> list[str]:
    return [f"{name}:{feed_format}" if feed_format else name for name in files or []]


class ScrapyHelpFormatter(argparse.HelpFormatter):
    """Help with underlined headings: `=` under argparse's own, `-` under ours."""

    def __init__(self, prog: str, indent_increment: int = 2, max_help_position: int = 24, width: int | None = None):
        super().__init__(prog, indent_increment, max_help_position, width)

    def _join_parts(self, part_strings: Iterable[str]) -> str:
        return super()._join_parts(map(_underlined, part_strings))


def _underlined(part: str) -> str:
    if part and part is not argparse.SUPPRESS and part.startswith("usage: "):
        return f"Usage\n=====\n  {part.removeprefix('usage: ')}"
    heading = part.removesuffix(":\n") if part else ""
    if not part or heading == part or heading[:1].isspace() or "\n" in heading:
        return part
    return f"{heading.title()}\n{('-' if heading.istitle() else '=') * len(heading)}\n"


def say(*lines: str) -> None:
    """Lines of a result, to standard output."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
