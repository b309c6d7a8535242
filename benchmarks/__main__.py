"""`python -m benchmarks [--rounds N] [ROW ...]`: measure rows (all if none is named), write benchmarks/results/.

    python -m benchmarks --list
    python -m benchmarks loopback lossy
    python -m benchmarks --rounds 2          a quick look; slow peers never get more than that

Needs root (network namespaces). Ends with status 1 if a demand is not met.
"""

from __future__ import annotations

import argparse
import compileall
import sys
from pathlib import Path

if not __package__:  # started as `python benchmarks`: its parent is where the package is found
    sys.path[0] = str(Path(__file__).parents[1])

from benchmarks import report
from benchmarks.harness import Outcome, measure
from benchmarks.scan import ROWS as SCANS
from benchmarks.surveys import ROWS as SURVEYS
from shoal.lab.network import network_available

TITLE = "The scanner and the surveys beside their peers"
ROWS = (*SCANS, *SURVEYS)

SOURCES = Path(__file__).parents[1] / "src"


def main() -> int:
    """Measure what was asked for."""
    compileall.compile_dir(SOURCES, quiet=2)  # as pip does when it installs
    options = _options()
    if options.list:
        print(*(f"{row.name:<16} {row.work}" for row in ROWS), sep="\n")
        return 0
    if reason := network_available():
        print(f"benchmarks skipped: {reason}")
        return 0
    chosen = [row for row in ROWS if not options.rows or row.name in options.rows]
    outcomes = []
    for row in chosen:
        outcome = measure(row, options.rounds, lambda line: print(line, file=sys.stderr))
        report.save(outcome)
        _tell(outcome)
        outcomes.append(outcome)
    print(f"\nwritten: {report.write_table(ROWS, TITLE)}")
    return any(verdict.met is False for outcome in outcomes for verdict in outcome.verdicts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Shoal beside its peers.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="which rows (default: all)")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often (default: as each row says)")
    parser.add_argument("--list", action="store_true", help="print the rows and end")
    options = parser.parse_args()
    if unknown := set(options.rows) - {row.name for row in ROWS}:
        parser.error(f"there is no row {', '.join(sorted(unknown))} (--list prints them)")
    return options


def _tell(outcome: Outcome) -> None:
    """A row's result, as soon as it is there."""
    print(f"\n{outcome.row.name}: {outcome.row.work}")
    for each in outcome.measured:
        if each.samples:
            print(f"  {each.name:<44} {each.wall * 1000:9.1f} ms   right {each.right} of {len(each.samples)}")
        else:
            print(f"  {each.name:<44} skipped: {each.skipped}")
    for verdict in outcome.verdicts:
        word = {True: "met", False: "NOT MET", None: "not measured"}[verdict.met]
        print(f"  must: {verdict.asked}: {verdict.got}: {word}")


if __name__ == "__main__":
    sys.exit(main())
