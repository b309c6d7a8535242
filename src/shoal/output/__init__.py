"""What comes out of a run, and who is asked to write it.

The one rule: an output is told what was found and never asks. A runner calls, in this order and from one thread,
`begin(run)`, then `result` and `host` as things become known, `flush()` at least once a second, and `end(run)` in a
`finally`, also after Ctrl-C. What was flushed survives the death of the process.

A format is one module, `as_<suffix>.py`, named in `FORMATS`, or by another package in the entry point group
"shoal.outputs" under its suffix. It has either a function `document(frame, hosts)`, which yields the pieces of a text
from sorted records (see `records`), or a class `Stream(path)`, an `Output` that writes while the run goes on.
"""

from __future__ import annotations

import os

from shoal.errors import MachineError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType

    from shoal.scanner.result import HostReport, HostResult, PortResult, Run

FORMATS = ("csv", "json", "jsonl", "txt", "xml")
STDOUT = "-"


class Output:
    """Somebody who is told what a run finds. Every method may be left out.

    `names` maps an address to the names it was given by; the runner sets it before `begin`. `notes` are sentences
    for the user, such as "an earlier run left its journal behind", known after `begin`. Every method may raise
    MachineError (disk full) and BrokenPipeError (the reader of a pipe went away: stop quietly).
    """

    names: Mapping[str, Sequence[str]] = {}
    notes: Sequence[str] = ()
    wants_hosts = True
    """Whether `host` is of interest; with nobody interested a sweep makes no report of each address."""

    def begin(self, run: Run) -> None:
        """The run begins: files are opened, nothing was probed yet."""

    def result(self, result: PortResult | HostResult) -> None:
        """A listed state was seen: an open port, a live host. May be held back until `flush`."""

    def host(self, report: HostReport) -> None:
        """An address is finished. In a ping sweep a live one was a `result` before."""

    def flush(self) -> None:
        """Write what was held back; the runner calls this after each batch of results."""

    def end(self, run: Run) -> None:
        """The run is over, `run.how_ended` says how: documents are completed."""


class Place:
    """Where one output goes: the name of its format and a path, `-` for standard output."""

    __slots__ = ("format", "path")

    def __init__(self, name: str, path: str) -> None:
        self.format = name
        self.path = path


def place(text: str) -> Place:
    """The meaning of one `-o` value: `FILE.json` (format by suffix), `json:FILE`, or `json:-` for standard output.

    Raises UsageError when no format can be told from it.
    """
    head, colon, rest = text.partition(":")
    if colon and rest and head in FORMATS:
        return Place(head, rest)
    suffix = os.path.splitext(text)[1].lower().removeprefix(".")
    if suffix in FORMATS or (suffix and _foreign(suffix)):
        return Place(suffix, text)
    if colon and rest and head.isalnum() and _foreign(head):
        return Place(head, rest)
    known = ", ".join("." + name for name in FORMATS)
    hint = f"{text}.json" if text and not suffix else None
    raise UsageError(f"cannot tell the format of the output: its name must end in one of {known}", text, hint=hint)


def open_output(text: str) -> Output:
    """The output for one `-o` value, as `open_outputs`."""
    return open_outputs([text])[0]


def open_outputs(texts: Iterable[str]) -> list[Output]:
    """The outputs for all `-o` values of a run, checked now and opened by `begin`.

    `-` alone is what the terminal shows anyway and adds nothing. Documents share one journal. Raises UsageError
    (unknown format, one file twice, a directory) and MachineError (cannot be written).
    """
    outputs: list[Output] = []
    documents = []
    for wanted in places(texts):
        module = format_module(wanted.format)
        if hasattr(module, "Stream"):
            outputs.append(module.Stream(wanted.path))
        else:
            documents.append((wanted.path, module.document))
    if documents:
        from shoal.output.documents import Documents

        outputs.append(Documents(documents))
    return outputs


def places(texts: Iterable[str]) -> list[Place]:
    """Where the outputs go, `-` alone left out; refuses now what could only fail after the work is done."""
    wanted = [place(text) for text in texts if text != STDOUT]
    _refuse_twice(wanted)
    for one in wanted:
        if one.path != STDOUT:
            _check(one.path)
    return wanted


def on_stdout(texts: Iterable[str]) -> bool:
    """Whether one of the `-o` values takes standard output for itself, so that the terminal must leave it alone."""
    return any(text != STDOUT and place(text).path == STDOUT for text in texts)


def format_module(name: str) -> ModuleType:
    """The module that writes a format, one of `FORMATS` or another package's."""
    if name not in FORMATS:
        return _foreign(name)  # type: ignore[return-value]  # `place` has found it before
    from importlib import import_module

    return import_module(f"shoal.output.as_{name}")


def _refuse_twice(places: Iterable[Place]) -> None:
    seen = set()
    for wanted in places:
        path = wanted.path if wanted.path == STDOUT else os.path.realpath(wanted.path)
        if path in seen:
            what = "standard output" if path == STDOUT else wanted.path
            raise UsageError(f"{what} can hold one output only, but is named twice")
        seen.add(path)


def _check(path: str) -> None:
    """Refuse now what could only fail after the work is done. The permission itself is tried by `begin`."""
    directory = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise UsageError(f"cannot write {path}: it is a directory")
    if not os.path.isdir(directory):
        raise UsageError(f"cannot write {path}: there is no directory {directory}")
    target = path if os.path.exists(path) else directory
    if not os.access(target, os.W_OK):
        raise MachineError(f"cannot write {path}: no permission to write to {target}")


def _foreign(name: str) -> ModuleType | None:
    """The format another package offers under this name."""
    from importlib.metadata import entry_points  # 30 ms: only for a suffix that is not ours

    for entry in entry_points(group="shoal.outputs", name=name):
        module: ModuleType = entry.load()
        return module
    return None
