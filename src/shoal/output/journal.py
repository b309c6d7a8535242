"""The lines that outlive the process: one JSON object a line, the format of `.jsonl` outputs and of journals alike.

The one rule: a line is written when a thing is known and never changed. A reader believes every whole line and
forgives the last one, which a dying process may have torn.
"""

from __future__ import annotations

import json
import os

from shoal.errors import MachineError, UsageError
from shoal.output import Output
from shoal.output.escape import encodable
from shoal.output.files import Growing
from shoal.output.records import (
    SCHEMA_VERSION,
    answered_record,
    begin_record,
    end_record,
    host_record,
    killed_record,
    port_record,
)
from shoal.output.shape import understood
from shoal.scanner.result import UP, PortResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shoal.output.records import Frame
    from shoal.scanner.result import HostReport, HostResult, Run


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


_encode = json.JSONEncoder(separators=(",", ":")).encode
_parse = json.JSONDecoder(parse_constant=_no_number).decode
_NAMES = 1000


def line(kind: str, record: Mapping[str, object]) -> str:
    """One line: the record with its type in front."""
    return _encode({"type": kind, **record}) + "\n"


class Lines(Output):
    """An output that turns each thing it is told into a line, exactly once, for `_take(address, line)`.

    In a ping sweep a live host is a line as soon as it answers, and `host` only adds those that did not.
    """

    _sweep = False

    def begin(self, run: Run) -> None:
        """The frame of the run is the first line."""
        self._sweep = not run.ports_per_address
        self._take(None, line("run", begin_record(run)))
        self.flush()

    def result(self, result: PortResult | HostResult) -> None:
        """A line of type port, or of type host in a ping sweep."""
        address = result.address
        names = [encodable(name) for name in self.names.get(address, ())]
        if isinstance(result, PortResult):
            record = {"address": address, "names": names, **port_record(result)}
            self._take(address, line("port", record))
        else:
            self._take(address, line("host", answered_record(result, names)))

    def host(self, report: HostReport) -> None:
        """A line of type host."""
        if not (self._sweep and report.state == UP):
            self._take(report.address, line("host", host_record(report)))

    def end(self, run: Run) -> None:
        """How the run ended is the last line."""
        self._take(None, line("end", end_record(run)))
        self.flush()

    def _take(self, _address: str | None, text: str) -> None:
        raise NotImplementedError


def create(document: str) -> Growing:
    """A new journal beside a document: `.result.json.journal`; one that an earlier run left is never touched."""
    directory, name = os.path.split(os.path.realpath(document))
    for number in range(_NAMES):
        middle = f".{number}" if number else ""
        path = os.path.join(directory, f".{name[:200]}{middle}.journal")
        if not os.path.exists(path):
            return Growing(path, os.O_EXCL)
    raise MachineError(f"{_NAMES} journals of runs that were killed lie beside {document}: report or remove them")


def read(path: str, take: Callable[[str, str], object]) -> Frame:
    """Hand every port and host line of a journal to `take(address, line)`; returns the frame of the run.

    Without an end line the run was killed. Raises UsageError when the file is not ours, MachineError when it
    cannot be read. A line that cannot be understood, other than the last, becomes a problem in the frame.
    """
    lines = _records(path)
    frame = _frame(path, next(lines, ("", {}))[1])
    end = killed_record()
    spoilt = 0
    torn = False
    for text, record in lines:
        spoilt += torn
        torn = not understood(record)
        if torn:
            continue
        if record["type"] == "end":
            end = _without_type(record)
        elif record["type"] in {"port", "host"}:
            take(str(record["address"]), text)
    return _with_spoilt({**frame, **end}, path, spoilt)


def _records(path: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Every line with its object, an empty one for a line that is none."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
            for text in file:
                yield text.rstrip("\n") + "\n", _decode(text)
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory, not a journal") from None
    except OSError as problem:
        raise MachineError.from_os(f"read {path}", problem) from None


def _decode(text: str) -> dict[str, object]:
    try:
        record = _parse(text)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _frame(path: str, record: dict[str, object]) -> Frame:
    version = record.get("schema_version")
    if record.get("type") == "run" and isinstance(version, int) and version > SCHEMA_VERSION:
        raise UsageError(f"{path} was written by a newer version of shoal (schema {version}, known: {SCHEMA_VERSION})")
    if record.get("type") != "run" or not understood(record):
        raise UsageError(f"{path} is no journal of a run: its first line does not describe one")
    return _without_type(record)


def _without_type(record: dict[str, object]) -> Frame:
    return {key: value for key, value in record.items() if key != "type"}


def _with_spoilt(frame: Frame, path: str, spoilt: int) -> Frame:
    problems = frame["problems"]
    if spoilt and isinstance(problems, list):
        problems.append({"target": path, "reason": "unreadable-line", "count": spoilt})
    return frame
