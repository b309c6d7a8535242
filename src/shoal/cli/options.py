"""What `scan`, `ping` and `plan` have in common on the command line.

The one rule: an option is declared here once, and ends in a field of `Options` or in an argument of `conduct`.
"""

from __future__ import annotations

from shoal.cli.conduct import Wishes
from shoal.errors import UsageError
from shoal.pace.order import WHOLE
from shoal.scanner.gather import gather
from shoal.scanner.plan import EVIDENCE, Options, parse_shard
from shoal.scanner.result import CLOSED, DOWN, FILTERED, OPEN, UP
from shoal.workers import MODELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from shoal.net.ports import PortSet
    from shoal.scanner.gather import Gathered

STATES = (OPEN, CLOSED, FILTERED)
DEFAULT_PORTS = "1-1024"


def add_targets(parser: argparse.ArgumentParser) -> None:
    """What is probed."""
    group = parser.add_argument_group("targets")
    group.add_argument("targets", nargs="+", metavar="TARGET", help="address, range, network, name, @file, - (stdin)")
    group.add_argument("-x", "--exclude", action="append", default=[], metavar="TARGET", help="leave these out")
    group.add_argument("--addresses", choices=("all", "first"), default="all", help="of a name that has several")
    group.add_argument("--allow-reserved", action="store_true", help="multicast, broadcast and reserved ranges, too")


def add_ports(parser: argparse.ArgumentParser) -> None:
    """Which ports."""
    group = parser.add_argument_group("ports")
    group.add_argument("-p", "--ports", default=DEFAULT_PORTS, help="22,80,8000-8100,https,top:100 (default 1-1024)")
    group.add_argument("--exclude-ports", default="", metavar="PORTS", help="leave these out")
    group.add_argument(
        "--show",
        default=OPEN,
        metavar="STATES",
        help=f"which states are listed one by one: any of {OPEN},{CLOSED},{FILTERED}, or all (default {OPEN})",
    )


def add_pace(parser: argparse.ArgumentParser) -> None:
    """How it is carried out."""
    group = parser.add_argument_group("how")
    group.add_argument("-n", type=int, dest="ceiling", metavar="N", help="at most N conversations in flight in all")
    group.add_argument("-m", dest="model", choices=MODELS, default="async", help="who carries them (default async)")
    group.add_argument("--workers", type=int, metavar="N", help="how many threads or processes (default one a core)")
    group.add_argument("-t", "--timeout", type=float, default=1.0, metavar="S", help="longest wait for an answer")
    group.add_argument("--tries", type=int, metavar="N", help="ask at most N times (default: from the measured loss)")
    group.add_argument("--seed", type=int, default=0, metavar="N", help="another order of probes")
    group.add_argument("--shard", metavar="I/N", help="do part I of N; N machines do the whole")
    group.add_argument("--job", metavar="DIR", help="keep what is done there; the same words again go on with it")
    add_cluster(parser)


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Who carries it if not this machine."""
    group = parser.add_argument_group("cluster")
    group.add_argument("--cluster", metavar="ADDRESS", help="a Dask cluster carries it: tls://scheduler:8786")
    group.add_argument("--cluster-keys", metavar="DIR", help="folder of its keys (default: the user's, $SHOAL_KEYS)")
    group.add_argument("--insecure", action="store_true", help="speak to a cluster elsewhere without TLS")


def add_results(parser: argparse.ArgumentParser) -> None:
    """Where results go."""
    group = parser.add_argument_group("results")
    group.add_argument(
        "-o", "-w", dest="files", action="append", default=[], metavar="FILE", help=".json .jsonl .csv .xml .txt"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="results only: no summary, no progress")
    group.add_argument("-v", "--verbose", action="store_true", help="print the time it took")
    group.add_argument("--yes", action="store_true", help="start even more than 16 million probes")


def gathered(arguments: argparse.Namespace) -> Gathered:
    """The targets these arguments name."""
    return gather(
        arguments.targets,
        arguments.exclude,
        addresses=arguments.addresses,
        allow_reserved=arguments.allow_reserved,
    )


def ports(arguments: argparse.Namespace) -> PortSet:
    """The ports these arguments name."""
    from shoal.net.ports import parse_ports

    return parse_ports(arguments.ports, arguments.exclude_ports)


def options(arguments: argparse.Namespace) -> Options:
    """How these arguments want it done. Raises `UsageError`."""
    show = getattr(arguments, "show", OPEN)
    listed = _states(show) if "ports" in arguments else (UP, DOWN) if show == "all" else (UP,)
    return Options(
        arguments.ceiling,
        arguments.model,
        arguments.workers,
        arguments.seed,
        parse_shard(arguments.shard) if arguments.shard else WHOLE,
        arguments.timeout,
        arguments.tries,
        listed,
        getattr(arguments, "evidence", EVIDENCE[0]),
        cluster(arguments),
        arguments.job,
    )


def cluster(arguments: argparse.Namespace) -> Callable[[], Any] | None:
    """What connects to the cluster these arguments name. Raises `UsageError`."""
    if not arguments.cluster:
        return None
    from functools import partial
    from pathlib import Path

    from shoal.cluster.connect import checked, connect

    checked(arguments.cluster, arguments.insecure)
    folder = Path(arguments.cluster_keys) if arguments.cluster_keys else None
    return partial(connect, arguments.cluster, folder, arguments.insecure)


def wishes(arguments: argparse.Namespace) -> Wishes:
    """What these arguments want besides the results."""
    return Wishes(
        arguments.argv, arguments.targets, arguments.files, arguments.quiet, arguments.verbose, arguments.yes
    )  # fmt: skip


def _states(text: str) -> tuple[str, ...]:
    states = STATES if text == "all" else tuple(text.split(","))
    for state in states:
        if state not in STATES:
            start = text.index(state)
            known = f"{', '.join(STATES)} or all"
            raise UsageError(f"there is no port state {state!r}", text, start, start + len(state), known)
    return states
