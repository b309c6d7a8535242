"""`shoal compare`: the same work one after another, in threads, in processes, as coroutines; measured here and now."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from shoal.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from shoal.compare.advice import Machine
    from shoal.compare.measure import Comparison

SUMMARY = "Measure the same work one after another, in threads, in processes and as coroutines, and say what to choose."

EXAMPLES = """\
examples:
  shoal compare                             parsing, fetching, and both
  shoal compare cpu -n 2,4 --rounds 5
  shoal compare mine:thumbnail --inputs pictures.txt
  shoal compare io -o compare.json -o compare.html

A function of your own is called with one input: a line of the file, or the JSON value in a line of a .jsonl file.
What it returns is compared between all ways, so it should follow from the input alone.
"""

SUFFIXES = (".json", ".html", ".png", ".svg")
SCHEMA = "shoal-compare/1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument(
        "works", nargs="*", metavar="WORK", help="cpu, io, mixed, or module:function (default all three)"
    )
    parser.add_argument("--inputs", metavar="FILE", help="inputs of a function of your own, one a line")
    parser.add_argument("-n", dest="counts", metavar="N,N...", help="how many at once (default: cores, twice, 16)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each, in turn (default 3)")
    parser.add_argument("--count", type=int, metavar="N", help="how many inputs cpu, io and mixed have")
    parser.add_argument(
        "-o", "-w", dest="files", action="append", default=[], metavar="FILE", help=".json .html .png .svg"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, write; 0, or 1 if a way gave wrong results or none at all."""
    from shoal.compare.measure import compare, default_counts
    from shoal.compare.work import BUILT_IN, read_inputs

    counts = _counts(arguments.counts) if arguments.counts else default_counts()
    works = arguments.works or list(BUILT_IN)
    _check(arguments, works, BUILT_IN)
    inputs = read_inputs(arguments.inputs) if arguments.inputs else None
    told = _progress(arguments.quiet)
    comparisons = []
    for work in works:
        given = None if work in BUILT_IN else inputs
        comparison = compare(
            work, counts, rounds=arguments.rounds, inputs=given, count=arguments.count, told=told
        )  # fmt: skip
        told("")
        comparisons.append(comparison)
        _print(comparison)
    for path in arguments.files:
        _write(path, comparisons)
    return int(any(_is_wrong(comparison) for comparison in comparisons))


def machine() -> Machine:
    """This one."""
    from shoal.compare.advice import Machine
    from shoal.compare.measure import cores

    lock = bool(getattr(sys, "_is_gil_enabled", lambda: True)())
    return Machine(cores(), lock, platform.python_version())


def _check(arguments: argparse.Namespace, works: Sequence[str], built_in: Sequence[str]) -> None:
    """What can be said before minutes of measuring."""
    if arguments.rounds < 1:
        raise UsageError(f"--rounds must be 1 or more, not {arguments.rounds}")
    if arguments.count is not None and arguments.count < 1:
        raise UsageError(f"--count must be 1 or more, not {arguments.count}")
    own = [work for work in works if work not in built_in]
    if own and not arguments.inputs:
        raise UsageError(f"{own[0]} needs --inputs FILE, one input a line", own[0])
    if arguments.inputs and not own:
        raise UsageError(f"--inputs is for a function of your own; {works[0]} makes its own inputs")
    for path in arguments.files:
        if Path(path).suffix not in SUFFIXES:
            raise UsageError(f"{path} has none of the suffixes {' '.join(SUFFIXES)}", path)
        if not Path(path).absolute().parent.is_dir():
            raise UsageError(f"{path} is in a folder that does not exist", path)


def _counts(text: str) -> list[int]:
    counts = set()
    for part in text.split(","):
        if not part.strip().isdecimal() or not 1 <= int(part) <= 1000:
            start = text.index(part)
            raise UsageError(f"-n wants numbers from 1 to 1000, and {part!r} is none", text, start, start + len(part))
        counts.add(int(part))
    return sorted(counts)


def _progress(quiet: bool) -> Callable[[str], None]:
    """A line on a terminal that replaces itself."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None
    return lambda text: print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _print(comparison: Comparison) -> None:
    from shoal.compare.advice import advise
    from shoal.compare.table import lines

    print(*lines(comparison), "", *(f"  {sentence}" for sentence in advise(comparison, machine())), "", sep="\n")


def _is_wrong(comparison: Comparison) -> bool:
    return bool(comparison.problem) or any(row.runs and row.problem for row in comparison.rows)


def _write(path: str, comparisons: Sequence[Comparison]) -> None:
    if path.endswith(".json"):
        from shoal.output.files import replace

        replace(path, [_document(comparisons)])
    else:
        from shoal.compare.chart import save

        save(comparisons, path, machine())


def _document(comparisons: Sequence[Comparison]) -> str:
    import json
    from dataclasses import asdict
    from datetime import UTC, datetime

    from shoal.compare.advice import advise

    here = machine()
    works = [one.document() | {"advice": advise(one, here)} for one in comparisons]
    when = datetime.now(UTC).isoformat(timespec="seconds")
    document = {"schema": SCHEMA, "when": when, "machine": asdict(here), "works": works}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
