"""`shoal ping`: the hosts that answer."""

from __future__ import annotations

from shoal.cli import options
from shoal.cli.conduct import conduct
from shoal.scanner.plan import EVIDENCE, Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

SUMMARY = "Find the hosts that answer: by ICMP echo where that is permitted, else by TCP, where a refusal counts, too."

EXAMPLES = """\
examples:
  shoal ping 192.168.0.1-192.168.0.100
  shoal ping 10.0.0.0/16 --exclude 10.0.9.0/24 -o up.json
  shoal ping 10.0.0.0/24 --evidence tcp
  shoal ping 10.0.0.0/24 -q | cut -d" " -f1 | shoal scan - -p top:100
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    options.add_targets(parser)
    parser.add_argument(
        "--evidence",
        choices=EVIDENCE,
        default=EVIDENCE[0],
        help="what counts as alive: icmp (echo only), tcp (any TCP answer), auto (icmp if permitted, the default)",
    )
    parser.add_argument("--show", default="up", choices=("up", "all"), help="all: tell the silent ones, too")
    options.add_pace(parser)
    options.add_results(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sweep; returns the exit status."""
    how = options.options(arguments)
    return conduct(Plan("ping", options.gathered(arguments), None, how), options.wishes(arguments))
