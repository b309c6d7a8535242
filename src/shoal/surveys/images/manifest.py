"""The manifest of a folder of pictures: for each address, what became of it.

The one rule: a line is written when its file is in place, and the last line of an address counts; so a run that was
killed is gone on with, nothing is fetched twice, and nothing is named that is not there. A line that was cut by a kill
is passed over.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from multiprocessing.util import register_after_fork
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from shoal.errors import MachineError, UsageError
from shoal.output.files import replace_bytes, write_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Self

STORED, DUPLICATE, FAILED = "stored", "duplicate", "failed"
NAME, ADDRESSES = "manifest.jsonl", "addresses.jsonl"


class Manifest:
    """The manifest of a folder, open for more lines; one program at a time may have it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / NAME
        self.rows: dict[str, dict[str, Any]] = {}
        self._first: dict[str, str] = {}  # the address under which each content is stored
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Read what is there. Raises MachineError for a folder that cannot be used, UsageError for one in use."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab", buffering=0)
            # A worker process must not hold the lock of a parent that is gone.
            register_after_fork(self, Manifest._close)
            _lock(self._file, self.folder)
            self.load()
            _mend(self._file, self.path)
        except BaseException as problem:
            self._close()
            if isinstance(problem, OSError):
                raise MachineError.from_os(f"write {self.path}", problem) from None
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def load(self) -> None:
        """Read the lines that are there."""
        for row in read_lines(self.path):
            if isinstance(row.get("address"), str):
                self._learn(row)

    def settled(self, address: str) -> bool:
        """Whether nothing is left to do for an address: its file is there."""
        row = self.rows.get(address)
        path = row.get("path") if row else None
        return isinstance(path, str) and row is not None and row["outcome"] != FAILED and (self.folder / path).is_file()

    def add(self, row: dict[str, Any]) -> dict[str, Any]:
        """Write a row of the download role, and return it as it is written: of two with the same file, the later one
        is a duplicate.
        """
        assert self._file is not None
        digest = row.get("sha256")
        first = self._first.get(digest, row["address"]) if digest else row["address"]
        if first != row["address"]:
            row = {**row, "outcome": DUPLICATE, "duplicate_of": first}
        try:
            write_all(self._file.fileno(), (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
        except OSError as problem:
            raise MachineError.from_os(f"write {self.path}", problem) from None
        self._learn(row)
        return row

    def settle_duplicates(self, order: Iterable[str]) -> list[dict[str, Any]]:
        """Of equal files, let the first address in this order be the one that is stored, whichever came first; the
        rows that change by that are written again, and returned.
        """
        groups: dict[str, list[dict[str, Any]]] = {}
        for address in dict.fromkeys([*order, *self.rows]):
            row = self.rows.get(address)
            if row and row.get("sha256"):
                groups.setdefault(row["sha256"], []).append(row)
        changed = []
        for first, *others in groups.values():
            self._first[first["sha256"]] = first["address"]
            meant = [{**first, "outcome": STORED, "duplicate_of": None}]
            meant += [{**row, "outcome": DUPLICATE, "duplicate_of": first["address"]} for row in others]
            were = [{"duplicate_of": None, **row} for row in (first, *others)]
            changed += [self.add(row) for row, was in zip(meant, were, strict=True) if row != was]
        return changed

    def _learn(self, row: dict[str, Any]) -> None:
        self.rows[row["address"]] = row
        if row.get("outcome") == STORED and row.get("sha256"):
            self._first.setdefault(row["sha256"], row["address"])


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines; others are passed over, and a file that is not there is empty."""
    with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            with suppress(ValueError):
                row = json.loads(line)
                if isinstance(row, dict):
                    yield row


def write_addresses(path: Path, found: Iterable[dict[str, Any]]) -> None:
    """Write what the discover role found; the file is whole or as it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise MachineError.from_os(f"write {path}", problem) from None
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found)
    replace_bytes(str(path), text.encode("utf-8", "replace"))


def read_addresses(path: Path) -> list[dict[str, Any]]:
    """Addresses, each once: a line is an address, or a JSON object that has one as `address`, or as `picture` (so the
    film survey's .jsonl will do). Raises UsageError for other lines.
    """
    found: dict[str, dict[str, Any]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no text"
        raise UsageError(f"cannot read the addresses in {path}: {reason}; --role discover writes them") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            one = _address(line.strip())
            if one is None:
                raise UsageError(f"{path}, line {number}: an address of http or https is expected", line[:200])
            found.setdefault(one["address"], one)
    return list(found.values())


def _address(line: str) -> dict[str, Any] | None:
    one: Any = {"address": line}
    if line.startswith("{"):
        try:
            one = json.loads(line)
        except ValueError:
            return None
    address = one.get("address", one.get("picture"))
    if not isinstance(address, str) or not address.startswith(("http://", "https://")):
        return None
    return {"address": address, "found_on": str(one.get("found_on") or "")}


def _lock(file: IO[bytes], folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"another survey is at work in {folder}") from None


def _mend(file: IO[bytes], path: Path) -> None:
    """End a last line that a kill has cut, so that the next one begins a line."""
    if os.fstat(file.fileno()).st_size:
        with path.open("rb") as written:
            written.seek(-1, os.SEEK_END)
            if written.read(1) != b"\n":
                file.write(b"\n")
