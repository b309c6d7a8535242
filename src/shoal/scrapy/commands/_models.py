"""`-m`: who carries the downloads of a crawl.

The one rule: the items are the same under every model; what differs is only how pages are fetched.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shoal.crawl.exceptions import UsageError
from shoal.errors import ShoalError

if TYPE_CHECKING:
    import argparse

    from shoal.crawl.settings import Settings

_IN_THREADS = "shoal.crawl.download.threads.ThreadDownloadHandler"
_HANDLERS: dict[str, dict[str, str]] = {"async": {}, "thread": {"http": _IN_THREADS, "https": _IN_THREADS}}


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare `-m`."""
    parser.add_argument(
        "-m",
        dest="model",
        choices=("async", "thread", "proc"),
        default="async",
        help="who fetches: one loop (async, the default), the `requests` library in threads (thread), "
        "or several processes with a loop each (proc)",
    )
    parser.add_argument(
        "-j",
        dest="workers",
        metavar="N",
        help="with -m proc, how many processes (default: one for each processor); with --cluster, how many workers "
        "(default: one for each of its threads)",
    )
    group = parser.add_argument_group("cluster")
    group.add_argument("--cluster", metavar="ADDRESS", help="a Dask cluster carries it: tls://scheduler:8786")
    group.add_argument("--cluster-keys", metavar="DIR", help="folder of its keys (default: the user's, $SHOAL_KEYS)")
    group.add_argument("--insecure", action="store_true", help="speak to a cluster elsewhere without TLS")


def apply_model(opts: argparse.Namespace, settings: Settings) -> None:
    """Choose who carries the crawl.

    Raises UsageError for a number of processes that is none, or without -m proc and --cluster, and for a cluster that
    is not to be spoken to.
    """
    model, workers = opts.model, opts.workers
    if opts.cluster:
        _apply_cluster(opts, settings)
        return
    if workers is not None and model != "proc":
        raise UsageError(f"-j {workers}: only -m proc and --cluster have several processes")
    if model == "proc":
        settings.setdict({"WORKER_MODEL": "proc", "WORKERS": workers}, priority="cmdline")
        _check_workers(settings)
    elif _HANDLERS[model]:
        handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), **_HANDLERS[model]}
        settings.set("DOWNLOAD_HANDLERS", handlers, priority="cmdline")


def _apply_cluster(opts: argparse.Namespace, settings: Settings) -> None:
    if opts.model != "async":
        raise UsageError(f"-m {opts.model} and --cluster: who fetches is one or the other")
    from shoal.cluster.connect import knock

    try:
        knock(opts.cluster, Path(opts.cluster_keys) if opts.cluster_keys else None, opts.insecure)
    except ShoalError as problem:
        raise UsageError(str(problem), print_help=False) from None
    given = {"CLUSTER": opts.cluster, "CLUSTER_KEYS": opts.cluster_keys, "CLUSTER_INSECURE": opts.insecure}
    settings.setdict({**given, "WORKERS": opts.workers}, priority="cmdline")
    if opts.workers is not None:
        _check_workers(settings)


def _check_workers(settings: Settings) -> None:
    from shoal.crawl.spread.division import worker_count

    worker_count(settings)
