"""The words that every survey understands.

The one rule: a wrong word is one sentence that names it, and the exit status is 2.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shoal.errors import UsageError
from shoal.surveys.conduct import MODELS
from shoal.surveys.elsewhere import add_cluster, from_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

DATABASE = "surveys.db"
PARTIAL_STATUS = 3
"""The exit status of a survey that lacks something, which is named."""


def add_common(parser: argparse.ArgumentParser, model: str, delay: float) -> None:
    """Declare --db, -m, --delay, --pause, --tries, --resume, --fresh, --dry-run, --chart, --quiet and --cluster."""
    parser.add_argument(
        "--db", metavar="FILE|URL", default=DATABASE,
        help=f"an SQLite file, or postgresql://, mariadb:// (default: {DATABASE})",
    )  # fmt: skip
    parser.add_argument(
        "-m", dest="model", choices=tuple(MODELS), default=model,
        help=f"who fetches; the rows are the same (default: {model})",
    )  # fmt: skip
    parser.add_argument(
        "--delay", metavar="S", type=seconds, default=delay,
        help=f"seconds between two requests, varied by half (default: {delay:g})",
    )  # fmt: skip
    parser.add_argument(
        "--pause", metavar="S", type=seconds, default=5.0,
        help="seconds for which nothing is asked after a refusal, doubled while it is repeated (default: 5)",
    )  # fmt: skip
    parser.add_argument(
        "--tries", metavar="N", type=number(1, 100), default=6, help="refusals in a row to bear (default: 6)"
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="what is stored is not asked for again (the default)")
    again.add_argument("--fresh", action="store_true", help="ask for everything anew")
    parser.add_argument("--dry-run", action="store_true", help="say what would be asked, and ask nothing")
    parser.add_argument(
        "--chart", metavar="FILE", action="append", default=[], help="draw it: .html, .svg or .png; may be repeated"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on the terminal")
    add_cluster(parser)


def conduct_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """How the site is asked, by the fields that every survey's `Wish` has. Raises UsageError, MachineError."""
    chosen = {name: getattr(arguments, name) for name in ("model", "delay", "pause", "tries", "fresh")}
    elsewhere = None if arguments.dry_run else from_arguments(arguments)
    return chosen if elsewhere is None else chosen | {"model": "cluster", "elsewhere": elsewhere}


def number(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not least <= int(text[:12]) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most:,}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """Reads seconds, 0 to 3600."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to 3600")
    return value


def base_url(text: str) -> str:
    """The site's address without a slash at its end. Raises UsageError for what is none."""
    try:
        parts = urlsplit(text)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fit = False
    if not fit or parts.query or parts.fragment or any(sign.isspace() for sign in text):
        raise UsageError(f"--base-url: {text!r} is not the address of a site, such as http://127.0.0.1:8000")
    return text.rstrip("/")


def store_is_there(where: str) -> bool:
    """Whether opening the store would make no new file."""
    return "://" in where or os.path.exists(where)
