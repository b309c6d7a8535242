"""`shoal survey NAME`: a ready survey, from the request to the picture.

The one rule: a survey is one line in `SURVEYS`, and its module is loaded only when it is called. The module has
`SUMMARY`, `add_arguments(parser)` and `run(arguments) -> exit status`; `EXAMPLES` if it likes.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from shoal.errors import MachineError

if TYPE_CHECKING:
    from types import ModuleType

SUMMARY = "run a ready survey, from the request to the picture"
SURVEYS = {
    "salaries": ("shoal.surveys.salaries.command", "salaries of a job board, by city"),
    "movies": ("shoal.surveys.movies.command", "the hundred best films of a board"),
    "images": ("shoal.surveys.images.command", "the pictures of a site"),
}
EXAMPLES = "\n".join(
    ["surveys (shoal survey NAME -h explains each):", *(f"  {name:<10}{what}" for name, (_, what) in SURVEYS.items())]
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which survey; its own words are read when its module is loaded."""
    parser.add_argument("survey", metavar="NAME", choices=tuple(SURVEYS), help=", ".join(SURVEYS))
    parser.add_argument("words", metavar="...", nargs=argparse.REMAINDER, help="the survey's own options")


def run(arguments: argparse.Namespace) -> int:
    """Run the survey; its exit status."""
    module = loaded(SURVEYS[arguments.survey][0])
    parser = argparse.ArgumentParser(
        prog=f"shoal survey {arguments.survey}",
        description=module.SUMMARY,
        epilog=getattr(module, "EXAMPLES", None),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    try:
        status: int = module.run(parser.parse_args(arguments.words))
    except KeyboardInterrupt as stopped:
        sys.stderr.write("interrupted: what has come is stored, and the same command goes on from there\n")
        return getattr(stopped, "exit_status", 130)
    return status


def loaded(name: str) -> ModuleType:
    """A module of the surveys. Raises MachineError when the libraries it needs are not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as problem:
        if problem.name is None or problem.name.partition(".")[0] == "shoal":
            raise
        raise MachineError(f"surveys need {problem.name}, which is missing: pip install 'shoal[survey]'") from None
