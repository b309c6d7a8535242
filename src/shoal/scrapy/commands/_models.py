"""`-m`: who carries the downloads of a crawl.

The one rule: the items are the same under every model; what differs is only how pages are fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.exceptions import UsageError

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
        help="who fetches: one loop (async, the default), or the `requests` library in threads (thread)",
    )


def apply_model(model: str, settings: Settings) -> None:
    """Choose the download handlers. Raises UsageError for a model that crawls do not have."""
    if model not in _HANDLERS:
        raise UsageError(f"-m {model}: a crawl does not spread over processes yet; there are: {', '.join(_HANDLERS)}")
    if _HANDLERS[model]:
        handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), **_HANDLERS[model]}
        settings.set("DOWNLOAD_HANDLERS", handlers, priority="cmdline")
