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

    from shoal.output.records import Frame, HostRecord


def document(frame: Frame, hosts: Iterable[HostRecord]) -> Iterator[str]:
    """The pieces of the document."""
    scanned: Any = frame["scanned"]
    sweep = not scanned["ports_per_address"]
    with_names = sweep or scanned["addresses"] > 1
    up = 0
    shown: dict[str, int] = {}
    for host in hosts:
        up += host["state"] == "up"
        names = [visible(name) for name in host["names"]] if with_names else []
        if sweep:
            yield _host(host, names) + "\n"
        for port in host["ports"]:
            shown[port["state"]] = shown.get(port["state"], 0) + 1
            where = endpoint(visible(host["address"]), port["port"])
            texts = (port["service"], port["source"])
            yield port_line(where, port["state"], port["reason"], port["rtt"], *texts, names) + "\n"
    yield "\n"
    for line in _closing(frame, sweep, up, shown):
        yield line + "\n"


def _host(host: HostRecord, names: list[str]) -> str:
    address = visible(host["address"])
    return host_line(address, host["state"], host["reason"], host["rtt"], host["evidence"], host["source"], names)


def _closing(frame: Any, sweep: bool, up: int, shown: dict[str, int]) -> list[str]:
    """Problems, how the run ended when not by itself, and the totals (of a killed run: of what is known)."""
    problems = [(visible(problem["target"]), problem["reason"], problem["count"]) for problem in frame["problems"]]
    lines = problem_lines(problems)
    probes = frame["probes"]
    last = ending(frame["how_ended"], frame["signal"], probes["planned"] or 0, probes["settled"] or 0)
    if last:
        lines.append(last)
    counts = frame["counts"] or {}
    lines.append(summary(sweep, frame["scanned"]["addresses"], up, counts, shown, frame["duration"]))
    return lines
