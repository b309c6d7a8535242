"""`python -m benchmarks.crawl [--rounds N] [ROW ...]`: measure crawlers, write benchmarks/results/crawl*.

    python -m benchmarks.crawl --list
    python -m benchmarks.crawl --rounds 1 crawl-small      a quick look

Peers, servers and sites are kept in a cache folder ($XDG_CACHE_HOME or ~/.cache, shoal/bench). Ends with status 1 if
a demand is not met.
"""

from __future__ import annotations

import argparse
import compileall
import signal
import subprocess
import sys
from pathlib import Path

from benchmarks import report
from benchmarks.crawl import pages, tools
from benchmarks.crawl.table import ROWS
from benchmarks.harness import Outcome, measure

SOURCES = Path(__file__).parents[2] / "src"


def main() -> int:
    """Measure what was asked for."""
    options = _options()
    if options.list:
        print(*ROWS, sep="\n")
        return 0
    # An end from outside ends the servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    compileall.compile_dir(SOURCES, quiet=2)  # as pip does when it installs
    for sentence in tools.ensure():
        print(sentence, file=sys.stderr)
    outcomes = [_measured(name, options.rounds) for name in ROWS if not options.rows or name in options.rows]
    print(f"\nwritten: {pages.write(list(ROWS))}")
    return any(verdict.met is False for outcome in outcomes for verdict in outcome.verdicts)


def _measured(name: str, rounds: int | None) -> Outcome:
    row = ROWS[name]()
    outcome = measure(row, rounds, lambda line: print(line, file=sys.stderr))
    report.save(outcome, pages=getattr(row, "pages", 0), peers=_versions())
    pages.tell(outcome)
    return outcome


def _versions() -> dict[str, str]:
    """What the peers call themselves."""
    questions = {
        "Scrapy": [tools.program_of("scrapy"), "version"],
        "Crawlee": [tools.python_of("crawlee"), "-c", "import crawlee; print(crawlee.__version__)"],
        "wget2": ["wget2", "--version"],
        "nginx": [str(tools.NGINX), "-v"],
    }
    return {name: _said(question) for name, question in questions.items()} | {"spider-rs": tools.SPIDER_RS}


def _said(question: list[str]) -> str:
    try:
        answer = subprocess.run(question, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not here"
    return answer.stdout.strip().splitlines()[0]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description="Measure crawlers side by side.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="which rows (default: all)")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often (default: as each row says)")
    parser.add_argument("--list", action="store_true", help="print the rows and end")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))} (--list prints them)")
    return options


if __name__ == "__main__":
    sys.exit(main())
