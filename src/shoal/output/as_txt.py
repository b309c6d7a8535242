"""`.txt`: what the terminal shows, without colour, in the order of addresses, with the summary at the end.

The one rule: a line that begins with an address is a result; the lines after the blank one are about the run.
"""

from __future__ import annotations

from shoal.output.escape import visible
from shoal.output.lines import ending, endpoint, host_line, port_line, problem_lines, summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from shoal.output.records import Frame, HostRecord, PortRecord


def document(frame: Frame, hosts: Iterable[HostRecord]) -> Iterator[str]:
    """The pieces of the document, nothing in them that could move a cursor."""
    scanned: Any = frame["scanned"]
    sweep = not scanned["ports_per_address"]
    with_names = sweep or scanned["addresses"] > 1
    up = 0
    shown: dict[str, int] = {}
    for host in hosts:
        up += host["state"] == "up"
        names = host["names"] if with_names else []
        for port in host["ports"]:
            shown[port["state"]] = shown.get(port["state"], 0) + 1
            yield visible(_port(host["address"], port, names)) + "\n"
        if sweep:
            yield visible(_host(host)) + "\n"
    yield "\n"
    for line in _closing(frame, sweep, up, shown):
        yield visible(line) + "\n"


def _port(address: str, port: PortRecord, names: list[str]) -> str:
    where = endpoint(address, port["port"])
    return port_line(where, port["state"], port["reason"], port["rtt"], port["service"], port["source"], names)


def _host(host: HostRecord) -> str:
    told = host["state"], host["reason"], host["rtt"], host["evidence"], host["source"], host["names"]
    return host_line(host["address"], *told)


def _closing(frame: Any, sweep: bool, up: int, shown: dict[str, int]) -> list[str]:
    """Problems, how the run ended when not by itself, and the totals (of a killed run: of what is known)."""
    problems = [(problem["target"], problem["reason"], problem["count"]) for problem in frame["problems"]]
    lines = problem_lines(problems)
    probes = frame["probes"]
    last = ending(frame["how_ended"], frame["signal"], probes["planned"] or 0, probes["settled"] or 0)
    if last:
        lines.append(last)
    counts = frame["counts"] or {}
    lines.append(summary(sweep, frame["scanned"]["addresses"], up, counts, shown, frame["duration"]))
    return lines
