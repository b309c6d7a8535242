"""`shoal resume DIR`: go on with a scan that is kept there, whatever ended it.

The one rule: the words are those it was begun with, in the folder it was begun in; what is done is not done again.
"""

from __future__ import annotations

import os

from shoal.errors import MachineError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

SUMMARY = "Go on with a scan or ping that was begun with --job DIR: after Ctrl-C, a crash, a kill."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("job", metavar="DIR", help="the folder given as --job")


def run(arguments: argparse.Namespace) -> int:
    """Do what its first command line says; returns that exit status."""
    from shoal.cli import main
    from shoal.scanner.kept import argv_of

    folder = os.path.abspath(arguments.job)
    argv, current = argv_of(folder)
    try:
        os.chdir(current)
    except OSError as problem:
        raise MachineError.from_os(f"go to {current}, where the scan was begun", problem) from None
    words = argv[1:]
    if words[:1] not in (["scan"], ["ping"]):
        raise UsageError(
            f"the scan in {arguments.job} was begun by a program, which must go on with it: {' '.join(argv)}"
        )
    return main(words)
