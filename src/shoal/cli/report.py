"""`shoal report JOURNAL -o FILE...`: documents from what a run left behind, also from one that was killed.

The one rule: the journal is only read; it is the caller's to remove.
"""

from __future__ import annotations

from shoal.errors import UsageError
from shoal.output import STDOUT, Place, format_module, places

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from shoal.output.documents import Document

SUMMARY = "make documents from a journal or a .jsonl file, also of a run that was killed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own words."""
    parser.add_argument("journal", metavar="JOURNAL", help="a .jsonl file, or the .journal a killed run left behind")
    parser.add_argument(
        "-o", "--output", metavar="FILE", action="append", default=[],
        help="a document to write, its format by its suffix (.json .jsonl .csv .xml .txt), "
        "json:- for standard output; may be given several times; without it: text on standard output",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Write the documents; the exit status is 0, or the one of the UsageError or MachineError raised."""
    from shoal.output.collect import Collector
    from shoal.output.documents import write_documents
    from shoal.output.journal import read

    wanted = places(arguments.output) or [Place("txt", STDOUT)]
    _spare(arguments.journal, wanted)
    documents = [(place.path, _document(place)) for place in wanted]
    found = Collector()
    try:
        write_documents(documents, read(arguments.journal, found.take), found)
    finally:
        found.close()
    return 0


def _spare(journal: str, wanted: list[Place]) -> None:
    """A document must not replace the journal it is made from."""
    from os.path import realpath

    for place in wanted:
        if place.path != STDOUT and realpath(place.path) == realpath(journal):
            raise UsageError(f"{place.path} is the journal itself: give the document another name")


def _document(place: Place) -> Document:
    document: Document | None = getattr(format_module(place.format), "document", None)
    if document is None:
        raise UsageError(f"{place.format} can only be written while a run goes on")
    return document
