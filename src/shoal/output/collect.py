"""Everything found, in any order and of any amount, given back host by host in the order of addresses.

The one rule: memory is bounded. Lines are held until they fill `limit` bytes, then sorted and put into a temporary
file without a name; at the end the sorted runs are merged while they are read.
"""

from __future__ import annotations

import json
import os
from _socket import AF_INET, AF_INET6, inet_pton
from heapq import merge
from itertools import groupby

from shoal.errors import MachineError
from shoal.output.files import write_all
from shoal.output.records import unfinished_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

    from shoal.output.records import FoldedRecord, HostRecord, PortRecord

LIMIT = 16 * 1024 * 1024
_OVERHEAD = 100  # bytes a held line costs beside its text
_BLOCK = 16_384


class Collector:
    """Takes lines of type port and host (see `journal`), and gives hosts back, sorted; any number of times."""

    def __init__(self, limit: int = LIMIT, directory: str | None = None) -> None:
        self._limit = limit
        self._directory = directory
        self._held: list[bytes] = []
        self._size = 0
        self._taken = 0
        self._spilled: IO[bytes] | None = None
        self._runs: list[tuple[int, int]] = []

    def take(self, address: str, line: str) -> None:
        """One more line about the address."""
        self._taken += 1
        entry = f"{sort_key(address)} {self._taken:012d} {line}".encode()
        self._held.append(entry)
        self._size += len(entry) + _OVERHEAD
        if self._size >= self._limit:
            self._spill()

    def hosts(self) -> Iterator[HostRecord]:
        """Every address once, IPv4 before IPv6, in numeric order, each with its ports ascending."""
        self._held.sort()
        sources: list[Iterable[bytes]] = [self._held, *(self._read(*run) for run in self._runs)]
        for _, entries in groupby(merge(*sources), key=_key):
            yield _host([json.loads(entry.split(b" ", 2)[2]) for entry in entries])

    def close(self) -> None:
        """Give the memory and the temporary file back."""
        self._held.clear()
        if self._spilled:
            self._spilled.close()
            self._spilled = None

    def _spill(self) -> None:
        self._held.sort()
        try:
            if not self._spilled:
                self._spilled = _nameless(self._directory)
            fd = self._spilled.fileno()
            start = os.lseek(fd, 0, os.SEEK_END)
            write_all(fd, b"".join(self._held))
        except OSError as problem:
            self._limit *= 2  # what could not be put aside is kept, and found again by the next attempt
            raise MachineError.from_os("put results aside in a temporary file", problem) from None
        self._runs.append((start, os.lseek(fd, 0, os.SEEK_CUR)))
        self._held.clear()
        self._size = 0

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        """The lines of one sorted run."""
        assert self._spilled is not None
        fd = self._spilled.fileno()
        rest = b""
        while start < end:
            block = os.pread(fd, min(_BLOCK, end - start), start)
            start += len(block)
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                yield line + b"\n"


def sort_key(address: str) -> str:
    """Text that sorts as addresses do: IPv4 before IPv6, numerically, then by zone. Holds no blank."""
    base, percent, zone = address.partition("%")
    try:
        if ":" in base:
            return f"6{inet_pton(AF_INET6, base).hex()}{percent}{zone.encode().hex()}"
        return "4" + inet_pton(AF_INET, base).hex()
    except (OSError, ValueError):
        return "9" + address.encode(errors="surrogatepass").hex()


def _nameless(directory: str | None) -> IO[bytes]:
    import tempfile

    return tempfile.TemporaryFile(dir=directory, buffering=0)


def _key(entry: bytes) -> bytes:
    return entry.partition(b" ")[0]


def _host(lines: list[dict[str, Any]]) -> HostRecord:
    """One host from all that was said of it, oldest first: later lines win, ports of all of them are kept."""
    address = lines[0]["address"]
    host: dict[str, Any] | None = None
    names: dict[str, None] = {}
    ports: dict[tuple[str, int], PortRecord] = {}
    folded: dict[tuple[str, str, str], FoldedRecord] = {}
    for line in lines:
        names.update(dict.fromkeys(line["names"]))
        if line.pop("type") == "port":
            listed: list[Any] = [{key: line[key] for key in line if key not in {"address", "names"}}]
        else:
            host, listed = line, line["ports"]
            folded.update(((entry["state"], entry["reason"], entry["ports"]), entry) for entry in line["not_shown"])
        ports.update(((port["protocol"], port["port"]), port) for port in listed)
    ordered = [ports[key] for key in sorted(ports)]
    if host is None:
        return unfinished_host(address, list(names), ordered)
    merged: Any = {**host, "names": list(names), "ports": ordered, "not_shown": list(folded.values())}
    complete: HostRecord = merged
    return complete
