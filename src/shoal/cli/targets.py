"""`shoal targets`: what an expression means, before anything is sent to it."""

from __future__ import annotations

import sys

from shoal.scanner.gather import ADDRESSES, Gathered, gather

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

SUMMARY = "list the addresses that target expressions mean, one a line"

LINES_AT_ONCE = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "targets", nargs="+", metavar="EXPR", help="address, network, range, name, @FILE or - (standard input)"
    )
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="EXPR", help="leave these out (may be repeated)"
    )
    parser.add_argument("--count", action="store_true", help="print only how many addresses there are")
    parser.add_argument("--ranges", action="store_true", help="print ranges instead of single addresses")
    parser.add_argument(
        "--addresses", choices=ADDRESSES, default="all", help="which addresses of a name are meant (default: all)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the addresses; 0, or 3 when a name could not be resolved. Raises UsageError, BrokenPipeError."""
    gathered = gather(arguments.targets, arguments.exclude, addresses=arguments.addresses, allow_reserved=True)
    for line in [f"{problem.target}: {problem.reason}" for problem in gathered.problems] + gathered.notes:
        print(line, file=sys.stderr)
    _print_lines(_lines(gathered, arguments))
    return 3 if gathered.problems else 0


def _lines(gathered: Gathered, arguments: argparse.Namespace) -> Iterable[str]:
    if arguments.count:
        return [str(gathered.targets.size)]
    return gathered.targets.ranges() if arguments.ranges else gathered.targets


def _print_lines(lines: Iterable[str]) -> None:
    """Print in batches: a line at a time costs three times as much, all at once could fill the memory."""
    batch = []
    for line in lines:
        batch.append(line)
        if len(batch) == LINES_AT_ONCE:
            print("\n".join(batch))
            batch = []
    if batch:
        print("\n".join(batch))
    sys.stdout.flush()
