"""What `-o`, `-O` and the FEED_* settings say about feeds, as entries of FEEDS.

The one rule: nothing is opened here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from shoal.crawl.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoal.crawl.settings import BaseSettings


def feeds_from_command_line(
    settings: BaseSettings,
    output: list[str],
    *,
    overwrite_output: list[str] | None = None,
) -> dict[str, dict[str, Any]]:
    """FEEDS for the arguments of `-o` (append) and `-O` (overwrite): `FILE`, `FILE:FORMAT`, `-:FORMAT` for stdout.

    Raises UsageError for both kinds at once, and for a format that is none.
    """
    if output and overwrite_output:
        raise UsageError("Please use only one of -o/--output and -O/--overwrite-output")
    known = [name for name in settings.getwithbase("FEED_EXPORTERS") if settings.getwithbase("FEED_EXPORTERS")[name]]
    feeds: dict[str, dict[str, Any]] = {}
    for element in overwrite_output or output:
        uri, feed_format = _uri_and_format(element, known)
        feeds["stdout:" if uri == "-" else uri] = {"format": feed_format}
        if overwrite_output:
            feeds[next(reversed(feeds))]["overwrite"] = True
    return feeds


def _uri_and_format(element: str, known: Iterable[str]) -> tuple[str, str]:
    uri, colon, feed_format = element.rpartition(":")
    # "C:\..." and "ftp://..." have a colon that is not ours.
    if not colon or "/" in feed_format or "\\" in feed_format:
        uri, feed_format = element, _extension(element)
    if feed_format not in known:
        listed = ", ".join(map(str, known))
        raise UsageError(
            f"Unrecognized output format '{feed_format}'. Set a supported one ({listed}) after a colon at the end of "
            f"the output URI (i.e. -o/-O <URI>:<FORMAT>) or as a file extension.",
        )
    return uri, feed_format


def complete_feed(feed: Mapping[str, Any], settings: BaseSettings, uri: str | None = None) -> dict[str, Any]:
    """A feed's options with what FEED_* settings add, and with a format taken from the file name in `uri`."""
    completed = dict(feed)
    completed.setdefault("batch_item_count", settings.getint("FEED_EXPORT_BATCH_ITEM_COUNT"))
    completed.setdefault("encoding", settings["FEED_EXPORT_ENCODING"])
    completed.setdefault("fields", settings.getdictorlist("FEED_EXPORT_FIELDS") or None)
    completed.setdefault("store_empty", settings.getbool("FEED_STORE_EMPTY"))
    completed.setdefault("uri_params", settings["FEED_URI_PARAMS"])
    completed.setdefault("item_export_kwargs", {})
    indent = settings["FEED_EXPORT_INDENT"]
    completed.setdefault("indent", None if indent is None else int(indent))
    if uri is not None:
        completed.setdefault("format", _extension(urlparse(str(uri)).path))
    return completed


def _extension(name: str) -> str:
    return Path(name).suffix.removeprefix(".")
