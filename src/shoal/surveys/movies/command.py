"""`shoal survey movies`: its words, what it says while it runs, and what it says at the end.

The one rule: results go to standard output, all else to standard error; a rank that is missing makes the exit status 3.
"""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

from shoal.store import open_store
from shoal.surveys.arguments import PARTIAL_STATUS, add_common, base_url, conduct_of, store_is_there
from shoal.surveys.charts import check_chart, draw_if_any
from shoal.surveys.conduct import MODELS
from shoal.surveys.live_line import LiveLine
from shoal.surveys.movies.board import FILMS, pages_of
from shoal.surveys.movies.spider import BOARD
from shoal.surveys.movies.survey import MovieSurvey, Wish
from shoal.surveys.movies.table import COLUMNS, SCHEMA, stored_ranks, survey_rows
from shoal.surveys.row_files import check_row_file, write_rows
from shoal.surveys.wide_text import table_lines

if TYPE_CHECKING:
    import argparse

    from shoal.store import Store

SUMMARY = "the hundred best films of a board: a database, JSON or CSV, a chart of scores by year"
SITE = "https://www.maoyan.com"
EXAMPLES = """\
examples:
  shoal survey movies --base-url http://127.0.0.1:8000 --dry-run
  shoal survey movies --base-url http://127.0.0.1:8000 -w films.json -w films.csv
  shoal survey movies --base-url http://127.0.0.1:8000 -m async --delay 0.1 --chart films.html
  shoal survey movies --base-url http://127.0.0.1:8000 -w films.jsonl
  shoal survey images --role download --addresses films.jsonl --folder posters
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The survey's own words, and those of every survey."""
    parser.add_argument("--base-url", metavar="URL", default=SITE, help=f"the site (default: {SITE})")
    parser.add_argument(
        "-w", "-o", dest="files", metavar="FILE", action="append", default=[],
        help="write the films: .json, .jsonl or .csv; may be repeated",
    )  # fmt: skip
    add_common(parser, model="proc" if "proc" in MODELS else "async", delay=0.5)


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; the exit status is 0, or 3 when a rank is missing."""
    wish = Wish(base_url(arguments.base_url), **conduct_of(arguments))
    for file in arguments.files:
        check_row_file(file)
    if arguments.chart:
        check_chart(arguments.chart)
    if arguments.dry_run:
        return _dry_run(arguments.db, wish)
    with open_store(arguments.db, SCHEMA) as store:
        survey = MovieSurvey(store, wish)
        began = monotonic()
        with LiveLine.unless(arguments.quiet) as line:
            survey.run(lambda: line.show(survey.progress.line(monotonic() - began)))
        _tell(store, survey, wish, arguments.files)
        if arguments.chart:
            draw_if_any("movies", store, arguments.chart, site=wish.base_url)
    return PARTIAL_STATUS if survey.missing else 0


def _dry_run(where: str, wish: Wish) -> int:
    """Say what would be asked, and ask nothing."""
    there: set[int] = set()
    if store_is_there(where) and not wish.fresh:
        with open_store(where, SCHEMA) as store:
            there = stored_ranks(store, wish.base_url)
    pages = pages_of(there)
    sys.stdout.write(f"{len(there)} of {FILMS} films are stored\n")
    sys.stdout.writelines(f"would ask {wish.base_url}{BOARD}?offset={offset}\n" for offset in pages)
    seconds = len(pages) * wish.delay
    sys.stdout.write(f"{len(pages)} requests, {wish.delay:g} s apart: {seconds:.0f} s; nothing has been sent\n")
    return 0


def _tell(store: Store, survey: MovieSurvey, wish: Wish, files: list[str]) -> None:
    rows = [row for row in survey_rows(store, wish.base_url) if row["rank"] in survey.progress.ranks]
    for file in files:
        write_rows(file, COLUMNS, rows)
    head = ["rank", "title", "score", "released", "country", "stars"]
    sys.stdout.write("\n".join(table_lines([head, *map(_cells, rows)])) + "\n")
    sys.stdout.flush()
    for sentence in survey.sentences():
        sys.stderr.write(f"missing: {sentence}\n")
    scoreless = [str(row["rank"]) for row in rows if row["score"] is None]
    if scoreless:
        sys.stderr.write(f"without a score: rank {', '.join(scoreless)}\n")
    sys.stderr.write(f"{len(rows)} of {FILMS} films\n")


def _cells(row: dict[str, Any]) -> list[str]:
    score = "-" if row["score"] is None else f"{row['score']:.1f}"
    return [
        str(row["rank"]),
        row["title"],
        score,
        row["released"] or "-",
        row["country"] or "-",
        "、".join(row["stars"]),
    ]
