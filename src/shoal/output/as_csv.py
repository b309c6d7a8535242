"""`.csv`: a row for each listed port and each host that is worth one, as RFC 4180 describes the form.

The one rule: every row has every column, and no cell from outside can be taken for a formula by a spreadsheet. A row
without a port speaks of the host: every host of a ping sweep, and in a scan every host without a listed port.
"""

from __future__ import annotations

import csv

from shoal.output.escape import cell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoal.output.records import Frame, HostRecord, PortRecord

COLUMNS = ("address", "names", "port", "protocol", "state", "reason", "rtt", "service", "evidence", "source")


class _Echo:
    """Where csv.writer writes: the row itself becomes what `writerow` returns."""

    def write(self, text: str) -> str:
        return text


def document(_frame: Frame, hosts: Iterable[HostRecord]) -> Iterator[str]:
    """The pieces of the document: the header, then row after row."""
    row = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield str(row(COLUMNS))
    for host in hosts:
        if not host["ports"]:
            yield str(row(map(cell, _host(host))))
        for port in host["ports"]:
            yield str(row(map(cell, _port(host, port))))


def _host(host: HostRecord) -> list[str]:
    texts = (host["state"], host["reason"], _seconds(host["rtt"]), "", host["evidence"] or "", host["source"] or "")
    return [host["address"], " ".join(host["names"]), "", "", *texts]


def _port(host: HostRecord, port: PortRecord) -> list[str]:
    texts = (port["state"], port["reason"], _seconds(port["rtt"]), port["service"] or "", host["evidence"] or "")
    return [
        host["address"], " ".join(host["names"]), str(port["port"]), port["protocol"], *texts, port["source"] or "",
    ]  # fmt: skip


def _seconds(rtt: float | None) -> str:
    """A plain decimal: spreadsheets and awk alike read 0.000031, not all read 3.1e-05."""
    return "" if rtt is None else f"{rtt:.6f}"
