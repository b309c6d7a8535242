"""`shoal scan`: the open TCP ports of hosts."""

from __future__ import annotations

from shoal.cli import options
from shoal.cli.conduct import conduct
from shoal.scanner.plan import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

SUMMARY = "Find the open TCP ports of hosts. Every port ends as open, closed or filtered, with the reason."

EXAMPLES = """\
examples:
  shoal scan 192.168.0.1
  shoal scan 10.0.0.0/24 -p 22,80,https -o result.json -o result.xml
  shoal scan fe80::1%eth0 router.lan 10.0-1.*.1 -p top:100 --show open,filtered
  shoal scan @hosts.txt --exclude 10.0.0.7 --shard 1/4 --seed 7
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    options.add_targets(parser)
    options.add_ports(parser)
    options.add_pace(parser)
    options.add_results(parser)


def run(arguments: argparse.Namespace) -> int:
    """Scan; returns the exit status."""
    ports = options.ports(arguments)
    how = options.options(arguments)
    plan = Plan("scan", options.gathered(arguments), ports, how)
    return conduct(plan, options.wishes(arguments))
