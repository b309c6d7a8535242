"""A scan that is kept in a folder: what it is, and each piece that is done; so that it can be gone on with.

The folder holds `scan.jsonl`: one line that says what is scanned, then one for each piece. A piece is in the file, and
the file on the disk, before anybody is told of it. The one rule: a whole line is believed, a torn last one is cut off,
and a folder that keeps another scan is never touched.
"""

from __future__ import annotations

import json
import os

from shoal.errors import MachineError, UsageError
from shoal.scanner.pieces import Piece
from shoal.scanner.result import Folded, HostReport, HostResult, PortResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from shoal.scanner.plan import Plan
    from shoal.workers import Lost

NAME = "scan.jsonl"
VERSION = 1


def identity(plan: Plan) -> dict[str, Any]:
    """What makes one scan another: JSON values. How fast and by whom it is carried is not among them."""
    from hashlib import sha256

    targets = sha256()
    for text in plan.gathered.targets.ranges():
        targets.update(text.encode() + b"\n")
    options = plan.options
    return {
        "command": plan.command,
        "targets": targets.hexdigest(),
        "ports": plan.ports.text() if plan.ports else "",
        "seed": options.seed,
        "shard": f"{options.shard.index + 1}/{options.shard.count}",
        "shown": list(options.listed),
    }


class Kept:
    """An open folder. `pieces` are the ones that were done before; `add` keeps another."""

    def __init__(self, folder: str, wanted: Mapping[str, Any], argv: list[str]) -> None:
        """Open or begin. Raises UsageError for another scan's folder or one in use, MachineError."""
        self.path = os.path.join(folder, NAME)
        try:
            os.makedirs(folder, exist_ok=True)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as problem:
            raise MachineError.from_os(f"keep the scan in {folder}", problem) from None
        try:
            self._lock()
            self.pieces = self._read(wanted)
            if not self._size:
                self._append({"type": "scan", "version": VERSION, **wanted, "argv": argv, "cwd": os.getcwd()})
        except BaseException:
            os.close(self._fd)
            raise

    def add(self, message: Piece | Lost) -> None:
        """Keep what is a whole piece. Raises MachineError (a full disk, say): then it is not kept."""
        if isinstance(message, Piece) and message.whole:
            self._append({"type": "piece", **_plain(message)})

    def close(self) -> None:
        """Let others open it."""
        os.close(self._fd)

    def _lock(self) -> None:
        import fcntl

        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"another scan is at work on {self.path}") from None

    def _read(self, wanted: Mapping[str, Any]) -> list[Piece]:
        pieces = []
        self._size = 0
        with open(self.path, "rb") as file:
            for line in file:
                record = _record(line)
                if record is None:
                    break
                if not self._size:
                    _compare(self.path, record, wanted)
                else:
                    pieces.append(_piece(record))
                self._size += len(line)
            else:
                return pieces
            if file.read(1) or not self._size:
                raise UsageError(f"{self.path} is not the file of a scan, or was changed: after byte {self._size:,}")
        os.ftruncate(self._fd, self._size)
        return pieces

    def _append(self, record: Mapping[str, Any]) -> None:
        data = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        rest = memoryview(data)
        try:
            os.lseek(self._fd, self._size, os.SEEK_SET)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            os.fsync(self._fd)
        except OSError as problem:
            raise MachineError.from_os(f"write {self.path}", problem) from None
        self._size += len(data)


def argv_of(folder: str) -> tuple[list[str], str]:
    """The command line and the current folder with which a kept scan was begun. Raises UsageError."""
    path = os.path.join(folder, NAME)
    try:
        with open(path, "rb") as file:
            record = _record(file.readline())
    except OSError:
        record = None
    if record is None or record.get("type") != "scan" or not record.get("argv"):
        raise UsageError(f"{folder} does not keep a scan")
    return list(record["argv"]), str(record["cwd"])


def _record(line: bytes) -> dict[str, Any] | None:
    """The object of a whole line, None for a torn one."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _compare(path: str, record: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if record.get("type") != "scan" or record.get("version", 0) > VERSION:
        raise UsageError(f"{path} was not written by this version of shoal")
    for field, value in wanted.items():
        if record.get(field) != value:
            what = "targets" if field == "targets" else f"{field} ({record.get(field)}, not {value})"
            raise UsageError(f"{path} keeps another scan: it has other {what}")


# Pieces as JSON values and back.


def _plain(piece: Piece) -> dict[str, Any]:
    return {
        "span": piece.span,
        "settled": piece.settled,
        "counts": piece.counts,
        "errors": piece.errors,
        "found": [list(one.as_dict().values()) for one in piece.found],
        "reports": [_plain_report(report) for report in piece.reports],
    }


def _plain_report(report: HostReport) -> dict[str, Any]:
    ports = [list(one.as_dict().values()) for one in report.ports]
    folded = [list(one.as_dict().values()) for one in report.folded]
    return report.as_dict() | {"ports": ports, "folded": folded}


def _piece(record: Mapping[str, Any]) -> Piece:
    first, last = record["span"]
    errors = {reason: (address, count) for reason, (address, count) in record["errors"].items()}
    reports = list(_reports(record["reports"]))
    return Piece((first, last), True, record["settled"], record["counts"], errors, _found(record["found"]), reports)


def _found(records: list[list[Any]]) -> list[PortResult | HostResult]:
    # A port result has its port second, where a host result has its state.
    return [PortResult(*values) if isinstance(values[1], int) else HostResult(*values) for values in records]


def _reports(records: list[dict[str, Any]]) -> Iterator[HostReport]:
    for values in records:
        ports = [PortResult(*one) for one in values["ports"]]
        folded = [Folded(*one) for one in values["folded"]]
        yield HostReport(**values | {"ports": ports, "folded": folded})
