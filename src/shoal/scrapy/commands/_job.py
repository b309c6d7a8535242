"""`--job DIR`: a crawl that can be ended at any moment and gone on with.

The one rule: a job that has nothing left to do, or that is not this spider's, is told of before anything is begun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.exceptions import UsageError
from shoal.crawl.jobdir import finished_job, keeps_job_file
from shoal.crawl.spread.division import is_spread
from shoal.crawl.spread.kept import finished_crawl
from shoal.errors import ShoalError

if TYPE_CHECKING:
    import argparse

    from shoal.crawl.settings import Settings


def add_job(parser: argparse.ArgumentParser) -> None:
    """Declare `--job`."""
    parser.add_argument(
        "--job",
        metavar="DIR",
        help="keep the crawl in this directory: the same command goes on with it after any kind of end",
    )


def apply_job(folder: str | None, settings: Settings) -> None:
    """Have the crawl kept there."""
    if folder:
        settings.set("JOBDIR", folder, priority="cmdline")


def finished(settings: Settings, spider: str) -> str | None:
    """A sentence when the job is finished already. Raises UsageError for a job that cannot be gone on with."""
    if not keeps_job_file(settings) and not (settings["JOBDIR"] and is_spread(settings)):
        return None
    try:
        if is_spread(settings):
            return finished_crawl(settings["JOBDIR"], spider)
        return finished_job(settings["JOBDIR"], spider)
    except ShoalError as problem:
        raise UsageError(str(problem), print_help=False) from None
