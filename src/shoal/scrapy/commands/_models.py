"""`-m`: who carries the downloads of a crawl.

The one rule: the items are the same under every model; what differs is only how pages are fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.exceptions import UsageError
from shoal.crawl.spread.division import worker_count

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
        "-j", dest="workers", metavar="N", help="with -m proc, how many processes (default: one for each processor)"
    )


def apply_model(model: str, workers: str | None, settings: Settings) -> None:
    """Choose who carries the crawl. Raises UsageError for a number of processes that is none, or without -m proc."""
    if workers is not None and model != "proc":
        raise UsageError(f"-j {workers}: only -m proc has several processes")
    if model == "proc":
        settings.setdict({"WORKER_MODEL": "proc", "WORKERS": workers}, priority="cmdline")
        worker_count(settings)
    elif _HANDLERS[model]:
        handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), **_HANDLERS[model]}
        settings.set("DOWNLOAD_HANDLERS", handlers, priority="cmdline")
