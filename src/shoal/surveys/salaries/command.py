"""`shoal survey salaries`: its words, what it says while it runs, and what it says at the end.

The one rule: results go to standard output, all else to standard error; a city that failed makes the exit status 3.
"""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING

from shoal.errors import UsageError
from shoal.store import open_store
from shoal.surveys.arguments import PARTIAL_STATUS, add_common, base_url, conduct_of, number, store_is_there
from shoal.surveys.charts import check_chart, draw_if_any
from shoal.surveys.live_line import LiveLine, say
from shoal.surveys.salaries.board import PER_PAGE
from shoal.surveys.salaries.report import progress_line, summarise, summary_table
from shoal.surveys.salaries.survey import SalarySurvey, Wish, errands
from shoal.surveys.salaries.table import SCHEMA, survey_rows

if TYPE_CHECKING:
    import argparse

    from shoal.store import Store

SUMMARY = "salaries of a job board, by city: distinct jobs in a database, a summary, a chart"
SITE = "https://www.lagou.com"
CITIES = ("北京", "上海", "广州", "深圳")
EXAMPLES = """\
examples:
  shoal survey salaries --base-url http://127.0.0.1:8000 --dry-run
  shoal survey salaries --base-url http://127.0.0.1:8000 --city 北京 --limit 30 --delay 0.1
  shoal survey salaries --base-url http://127.0.0.1:8000 --db postgresql://me@localhost/work --chart salaries.html
"""
MOST_JOBS = 3000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The survey's own words, and those of every survey."""
    parser.add_argument("--base-url", metavar="URL", default=SITE, help=f"the site (default: {SITE})")
    parser.add_argument(
        "--city", metavar="CITY", action="append", default=[], help=f"may be repeated (default: {' '.join(CITIES)})"
    )
    parser.add_argument("--keyword", metavar="WORD", default="Python", help="what is searched for (default: Python)")
    parser.add_argument(
        "--limit", metavar="N", type=number(1, MOST_JOBS), default=100, help="distinct jobs a city (default: 100)"
    )
    add_common(parser, model="thread", delay=1.0)


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; the exit status is 0, or 3 when a city could not be surveyed."""
    wish = _wish(arguments)
    if arguments.chart:
        check_chart(arguments.chart)
    if arguments.dry_run:
        return _dry_run(arguments.db, wish)
    with open_store(arguments.db, SCHEMA) as store:
        survey = SalarySurvey(store, wish)
        began = monotonic()
        with LiveLine.unless(arguments.quiet) as line:
            survey.run(lambda: line.show(progress_line(survey.cities.values(), monotonic() - began)))
        _tell(store, survey, wish)
        if arguments.chart:
            draw_if_any("salaries", store, arguments.chart, keyword=wish.keyword, cities=wish.cities)
    return 0 if all(city.worked for city in survey.cities.values()) else PARTIAL_STATUS


def _wish(arguments: argparse.Namespace) -> Wish:
    cities = tuple(dict.fromkeys(city.strip() for city in arguments.city or CITIES))
    if not all(0 < len(city) <= 64 for city in cities):
        raise UsageError("--city: a city has a name of 1 to 64 characters")
    keyword = arguments.keyword.strip()
    if not 0 < len(keyword) <= 64:
        raise UsageError("--keyword: give 1 to 64 characters to search for")
    return Wish(
        base_url(arguments.base_url),
        cities,
        keyword=keyword,
        limit=arguments.limit,
        **conduct_of(arguments),
    )


def _dry_run(where: str, wish: Wish) -> int:
    """Say what would be asked, and ask nothing."""
    store = open_store(where, SCHEMA) if store_is_there(where) else None
    try:
        plan = errands(store, wish)
    finally:
        if store:
            store.close()
    requests = 0
    for progress, task in plan:
        pages = max(0, -(-task["missing"] // PER_PAGE))
        requests += pages + bool(pages)
        asked = f"at least {pages} pages of {wish.base_url}/jobs/positionAjax.json" if pages else "nothing to ask"
        sys.stdout.write(f"{progress.city}: {progress.stored} of {progress.wanted} jobs are stored; {asked}\n")
    seconds = requests * wish.delay
    sys.stdout.write(f"at least {requests} requests, {wish.delay:g} s apart: {seconds:.0f} s; nothing has been sent\n")
    return 0


def _tell(store: Store, survey: SalarySurvey, wish: Wish) -> None:
    rows = survey_rows(store, wish.keyword, wish.cities)
    sys.stdout.write(f"{wish.keyword}, CNY a month\n{summary_table(summarise(rows, wish.cities))}\n")
    sys.stdout.flush()
    for city in survey.cities.values():
        say(city.sentence())
