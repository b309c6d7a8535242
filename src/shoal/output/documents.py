"""Documents: whole files in order of addresses, written at the end, and the journal that guards them until then.

The one rule: at every moment all that was found is in the journal or in the documents. The journal is removed after
the last document is complete, and kept when one of them could not be written.
"""

from __future__ import annotations

import os
from contextlib import suppress

from shoal.errors import MachineError
from shoal.output import STDOUT
from shoal.output.collect import Collector
from shoal.output.files import Growing, replace, to_stdout
from shoal.output.journal import Lines, create
from shoal.output.records import begin_record, end_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shoal.output.records import Frame, HostRecord
    from shoal.scanner.result import Run

    Document = Callable[[Frame, Iterable[HostRecord]], Iterator[str]]


class Documents(Lines):
    """All documents of a run: `wanted` pairs a path (`-` is standard output) with the function that writes it.

    Without a file among them there is no place for a journal, and none is kept. A full disk is told by `flush` and
    `end` only, so that every result gets here, and still finds its way into the documents if there is room by then.
    """

    def __init__(self, wanted: list[tuple[str, Document]], limit: int | None = None) -> None:
        self._wanted = wanted
        self._limit = limit
        self._begun = False
        self._problem: MachineError | None = None
        self._journal: Growing | None = None
        self._found = Collector()

    def begin(self, run: Run) -> None:
        """Open the journal beside the first document."""
        first = next((path for path, _ in self._wanted if path != STDOUT and _regular(path)), None)
        if first:
            self._journal = create(first)
            self._tell_of_another(first)
            directory = os.path.dirname(self._journal.path)
            self._found = Collector(directory=directory) if not self._limit else Collector(self._limit, directory)
        self._begun = True
        super().begin(run)

    def flush(self) -> None:
        """Hand what is held to the journal. Raises MachineError once when there is no room for it."""
        if self._journal:
            self._journal.flush()
        problem, self._problem = self._problem, None
        if problem:
            raise problem

    def end(self, run: Run) -> None:
        """Write every document that can be written, then remove the journal if all could."""
        if not self._begun:
            return  # nothing was opened, so nothing may be replaced
        with suppress(MachineError):  # of a full journal; the documents may still find room
            super().end(run)
        try:
            write_documents(self._wanted, {**begin_record(run), **end_record(run)}, self._found)
        except (MachineError, BrokenPipeError) as problem:
            raise self._kept(problem) from None
        finally:
            self._found.close()
        if self._journal:
            self._journal.close(keep=False)
            os.unlink(self._journal.path)

    def _take(self, _address: str | None, text: str) -> None:
        try:
            if _address is not None:
                self._found.take(_address, text)
        except MachineError as problem:
            self._problem = problem
        try:
            if self._journal:
                self._journal.add(text)
        except MachineError as problem:
            self._problem = problem

    def _kept(self, problem: MachineError | BrokenPipeError) -> Exception:
        """The problem, with the words that say where the results are."""
        if not self._journal:
            return problem
        self._journal.close()
        if isinstance(problem, BrokenPipeError):
            os.unlink(self._journal.path)
            return problem
        path = os.path.relpath(self._journal.path)
        return MachineError(f"{problem}; everything found is in {path}: shoal report {path} -o FILE")

    def _tell_of_another(self, document: str) -> None:
        assert self._journal is not None
        directory, name = os.path.split(os.path.realpath(document))
        earlier = os.path.join(directory, f".{name[:200]}.journal")
        if earlier != self._journal.path:
            path = os.path.relpath(earlier)
            self.notes = [
                f"another run, killed or still at work, has its results in {path}: shoal report {path} -o FILE"
            ]


def write_documents(wanted: list[tuple[str, Document]], frame: Frame, found: Collector) -> None:
    """Write every document, also when one of them fails; the first failure is raised when all were tried."""
    failures: list[MachineError | BrokenPipeError] = []
    for path, document in wanted:
        try:
            if path == STDOUT:
                to_stdout(document(frame, found.hosts()))
            else:
                replace(path, document(frame, found.hosts()))
        except (MachineError, BrokenPipeError) as problem:
            failures.append(problem)
    failures.sort(key=lambda problem: isinstance(problem, BrokenPipeError))
    if failures:
        raise failures[0]


def _regular(path: str) -> bool:
    return os.path.isfile(path) or not os.path.exists(path)
