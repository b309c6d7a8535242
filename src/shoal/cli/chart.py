"""`shoal chart`: draw again what a survey has stored.

The one rule: the database is only read, and a picture is complete or is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.cli.survey import loaded

if TYPE_CHECKING:
    import argparse

SUMMARY = "draw what a survey has stored: an HTML file that needs nothing else, SVG or PNG"
EXAMPLES = """\
examples:
  shoal chart -o salaries.html
  shoal chart --db postgresql://me@localhost/work --keyword Python --city 北京 --city 上海 -o salaries.png
  shoal chart --kind movies -o films.svg
"""
KINDS = {"salaries": "salaries", "movies": "movies", "films": "movies"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument(
        "--db", metavar="FILE|URL", default="surveys.db", help="where the survey is stored (default: surveys.db)"
    )
    parser.add_argument(
        "--kind", choices=tuple(KINDS), default="salaries", help="which survey (default: salaries); films is movies"
    )
    parser.add_argument("--keyword", metavar="WORD", default="", help="of salaries: those of this keyword")
    parser.add_argument("--city", metavar="CITY", action="append", default=[], help="of salaries: those of this city")
    parser.add_argument(
        "-o", "--output", metavar="FILE", action="append", required=True, help=".html, .svg or .png; may be repeated"
    )


def run(arguments: argparse.Namespace) -> int:
    """Draw; the exit status is 0, or that of the error raised."""
    charts = loaded("shoal.surveys.charts")
    store = loaded("shoal.store")
    charts.check_chart(arguments.output)
    kind = KINDS[arguments.kind]
    choice = {"keyword": arguments.keyword, "cities": tuple(arguments.city)} if kind == "salaries" else {}
    with store.open_store(arguments.db, charts.schema_of(kind), new=False) as opened:
        charts.draw(kind, opened, arguments.output, **choice)
    return 0
