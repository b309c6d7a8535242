"""`shoal survey images`: its words, what it says while it runs, and what it says at the end.

The one rule: what failed is named on standard error, and makes the exit status 3.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from shoal.errors import UsageError
from shoal.store import open_store
from shoal.store.runs import DONE, PARTIAL
from shoal.surveys import credentials
from shoal.surveys.arguments import DATABASE, PARTIAL_STATUS, base_url, number, seconds
from shoal.surveys.elsewhere import add_cluster, from_arguments
from shoal.surveys.images.manifest import NAME, Manifest, read_addresses
from shoal.surveys.images.survey import BOTH, DISCOVER, DOWNLOAD, ROLES, ImageSurvey, Wish
from shoal.surveys.images.table import IMAGES, SCHEMA, row_of
from shoal.surveys.live_line import LiveLine
from shoal.workers import MODELS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from shoal.store import Run, Store

SUMMARY = "the pictures of a site: found on its pages, checked, stored once each, with thumbnails and a manifest"
EXAMPLES = """\
examples:
  shoal survey images http://127.0.0.1:8000/ --folder boats
  shoal survey images http://127.0.0.1:8000/ --role discover --addresses boats.jsonl
  shoal survey images --role download --addresses boats.jsonl --folder boats -m proc
  shoal survey images --role download --addresses /shared/boats.jsonl --folder /shared/boats --cluster tls://host:8786
  SHOAL_PASSWORD=... shoal survey images http://127.0.0.1:8000/ --user reader
"""
_ROWS_AT_ONCE = 50
_AS_GIVEN = (
    *("folder", "addresses", "role", "most_pages", "max_bytes", "thumbnail"),
    *("model", "workers", "delay", "at_once", "timeout", "tries", "fresh"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The survey's words."""
    add = parser.add_argument
    add("pages", nargs="*", metavar="PAGE", help="where to begin; links to pages of the same host are followed")
    add("--role", choices=ROLES, default=BOTH, help="find addresses, fetch files, or one after the other (default)")
    add("--folder", metavar="DIR", type=Path, default=Path("images"), help="where the files go (default: images)")
    add("--addresses", metavar="FILE", type=Path, help="the list between the roles (default: DIR/addresses.jsonl)")
    add("--pages", dest="most_pages", metavar="N", type=number(1, 100_000), default=100,
        help="read at most so many pages (default: 100)")  # fmt: skip
    add("--max-bytes", metavar="N", type=number(1, 2**40), default=32_000_000,
        help="larger files are left out (default: 32,000,000)")  # fmt: skip
    add("--thumbnail", metavar="PIXELS", type=number(0, 4096), default=200,
        help="the longer side of thumbnails, 0 for none (default: 200)")  # fmt: skip
    add("--db", metavar="FILE|URL", default=DATABASE,
        help=f"an SQLite file, or postgresql://, mariadb:// (default: {DATABASE})")  # fmt: skip
    add("-m", dest="model", choices=MODELS, default="async",
        help="who fetches; the files are the same (default: async)")  # fmt: skip
    add("--workers", metavar="N", type=number(1, 64), default=min(4, os.cpu_count() or 1),
        help="threads, processes or jobs on a cluster at a time (default: one a core, at most 4)")  # fmt: skip
    add("-n", dest="at_once", metavar="N", type=number(1, 1000), default=4,
        help="at most so many on their way to a host (default: 4)")  # fmt: skip
    add("--delay", metavar="S", type=seconds, default=0.1,
        help="seconds between two requests to a host, varied by half (default: 0.1)")  # fmt: skip
    add("--timeout", metavar="S", type=seconds, default=120.0, help="the longest a file may take (default: 120)")
    add("--tries", metavar="N", type=number(1, 100), default=3, help="tries of each request (default: 3)")
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="what is stored is not fetched again (the default)")
    again.add_argument("--fresh", action="store_true", help="fetch everything anew")
    add("--dry-run", action="store_true", help="say what would be asked, and ask nothing")
    add("-q", "--quiet", action="store_true", help="no progress on the terminal")
    credentials.add_arguments(parser)
    add_cluster(parser)


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; the exit status is 0, or 3 when a page or a picture failed."""
    wish = _wish(arguments)
    if arguments.dry_run:
        return _dry_run(wish)
    with _stored(arguments.db, wish) as (keep, ended):
        survey = ImageSurvey(wish, keep)
        began = monotonic()
        with LiveLine.unless(arguments.quiet) as line:
            if wish.role != DOWNLOAD:
                survey.discover(lambda: line.show(survey.progress.line(monotonic() - began)))
                began = monotonic()
            if wish.role != DISCOVER:
                survey.download(lambda: line.show(survey.progress.line(monotonic() - began)))
        worked = _tell(survey)
        ended(dict(survey.progress.outcomes) | {"pages": survey.progress.pages}, worked)
    return 0 if worked else PARTIAL_STATUS


def _wish(arguments: argparse.Namespace) -> Wish:
    pages = tuple(_page(text) for text in arguments.pages)
    if not pages and arguments.role != DOWNLOAD:
        raise UsageError("images: name a page to begin with, such as http://127.0.0.1:8000/")
    who = credentials.from_arguments(arguments, pages[0] if pages else "")
    if who is not None and not pages:
        raise UsageError("--user, --key-file: for which site? Name a page of it, too; no other will see the secret")
    return Wish(
        pages,
        credentials=who,
        elsewhere=from_arguments(arguments),
        **{name: getattr(arguments, name) for name in _AS_GIVEN},
    )


def _page(text: str) -> str:
    """The address of a page. Raises UsageError for what is none."""
    without_query, mark, query = text.partition("?")
    slash = "/" if without_query.endswith("/") or without_query.count("/") < 3 else ""
    try:
        return base_url(without_query) + slash + mark + query
    except UsageError:
        raise UsageError(f"images: {text!r} is not the address of a page, such as http://127.0.0.1:8000/") from None


@contextmanager
def _stored(where: str, wish: Wish) -> Iterator[tuple[Callable[[list[dict[str, Any]]], None], Callable[..., None]]]:
    """The database: what keeps rows, little by little, and what is told how it ended."""
    with open_store(where, SCHEMA) as store, store.run("images", wish.parameters()) as run:
        waiting: list[dict[str, Any]] = []

        def keep(rows: list[dict[str, Any]]) -> None:
            waiting.extend(rows)
            if len(waiting) >= _ROWS_AT_ONCE:
                flush()

        def flush() -> None:
            _store_rows(store, run, wish, waiting)
            waiting.clear()

        def ended(counts: dict[str, Any], worked: bool) -> None:
            run.counts, run.status = counts, DONE if worked else PARTIAL

        try:
            yield keep, ended
        finally:
            flush()


def _store_rows(store: Store, run: Run, wish: Wish, lines: list[dict[str, Any]]) -> None:
    folder, now = str(wish.folder.absolute()), store.now()
    store.upsert(IMAGES, [row_of(line, folder, run.id, now) for line in lines])


def _dry_run(wish: Wish) -> int:
    """Say what would be asked, and ask nothing."""
    if wish.role != DOWNLOAD:
        sys.stdout.write(f"would read up to {wish.most_pages} pages from {', '.join(wish.pages)}\n")
    if wish.role == DOWNLOAD or (wish.role == BOTH and wish.list_file.exists()):
        listed = read_addresses(wish.list_file)
        manifest = Manifest(wish.folder)
        manifest.load()
        todo = [one for one in listed if wish.fresh or not manifest.settled(one["address"])]
        sys.stdout.write(f"{wish.list_file} has {len(listed)} addresses, {len(listed) - len(todo)} are stored\n")
        sys.stdout.writelines(f"would fetch {one['address']}\n" for one in todo)
    sys.stdout.write(f"at most {wish.at_once} at once, {wish.delay:g} s apart; nothing has been sent\n")
    return 0


def _tell(survey: ImageSurvey) -> bool:
    """Say what became of it; whether all of it worked."""
    progress, wish = survey.progress, survey.wish
    if wish.role != DOWNLOAD:
        sys.stdout.write(f"{progress.found} pictures on {progress.pages} pages: {wish.list_file}\n")
    if wish.role != DISCOVER:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(progress.outcomes.items(), reverse=True))
        sys.stdout.write(f"{counts or 'no pictures'}: {wish.folder / NAME}\n")
    sys.stdout.flush()
    failures = progress.page_failures + progress.failures + progress.problems
    sys.stderr.writelines(f"failed: {sentence}\n" for sentence in failures)
    if progress.left_out:
        sys.stderr.write(f"left out: {progress.left_out} pages beyond the first {wish.most_pages} (--pages)\n")
    return not (failures or progress.left_out)
