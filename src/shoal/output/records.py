"""The values of a scan as the records of our documents: plain dictionaries, ready for JSON and for every format.

The one rule: a key is always there and never changes its type; what is not known is None. `result.schema.json`
describes the same records for everybody else. Times are seconds, rounded to the microsecond.
"""

from __future__ import annotations

from shoal.net.ports import compress
from shoal.net.services import name as service_name
from shoal.output.escape import encodable
from shoal.scanner.result import CLOSED, OPEN, UNKNOWN, UP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypedDict

    from shoal.scanner.result import Folded, HostReport, HostResult, PortResult, Problem, Run

    class PortRecord(TypedDict):
        """One listed port of a host."""

        port: int
        protocol: str
        state: str
        reason: str
        rtt: float | None
        service: str | None
        source: str | None

    class FoldedRecord(TypedDict):
        """Ports of a host that are counted instead of listed; `ports` as "1-21,23"."""

        state: str
        reason: str
        count: int
        ports: str

    class HostRecord(TypedDict):
        """One address with everything known of it."""

        address: str
        names: list[str]
        state: str
        reason: str
        rtt: float | None
        evidence: str | None
        source: str | None
        ports: list[PortRecord]
        not_shown: list[FoldedRecord]

    Frame = dict[str, object]
    """Everything of a document but its hosts: `begin_record` updated with `end_record`."""

SCHEMA_VERSION = 1
KILLED = "killed"


def begin_record(run: Run) -> Frame:
    """What was asked, by whom and when: known before the first probe."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": "shoal",
        "version": run.version,
        "command": run.command,
        "argv": [encodable(word) for word in run.argv],
        "start": run.started,
        "scanned": {
            "targets": [encodable(text) for text in run.targets],
            "excluded": [encodable(text) for text in run.excluded],
            "addresses": run.addresses,
            "ports": run.ports or None,
            "ports_per_address": run.ports_per_address,
            "protocol": "tcp" if run.ports_per_address else None,
            "shard": run.shard,
            "seed": run.seed,
            "model": run.model,
            "ceiling": run.ceiling,
        },
        "problems": [problem_record(problem) for problem in run.problems],
    }


def end_record(run: Run) -> Frame:
    """How the run ended, and its totals."""
    return {
        "end": run.ended,
        "duration": _seconds(run.duration),
        "how_ended": run.how_ended,
        "signal": run.signal,
        "counts": dict(run.counts),
        "probes": {"planned": run.probes_planned, "settled": run.probes_settled},
        "problems": [problem_record(problem) for problem in run.problems],
    }


def killed_record() -> Frame:
    """The end of a run that had no time to say it."""
    return {
        "end": None,
        "duration": None,
        "how_ended": KILLED,
        "signal": None,
        "counts": None,
        "probes": {"planned": None, "settled": None},
    }


def problem_record(problem: Problem) -> dict[str, object]:
    """One part of the job that was not done, and why."""
    return {"target": encodable(problem.target), "reason": problem.reason, "count": problem.count}


def port_record(result: PortResult) -> PortRecord:
    """One listed port."""
    return {
        "port": result.port,
        "protocol": "tcp",
        "state": result.state,
        "reason": result.reason,
        "rtt": _seconds(result.rtt),
        "service": service_name(result.port),
        "source": result.source,
    }


def host_record(report: HostReport) -> HostRecord:
    """One finished address."""
    return {
        "address": report.address,
        "names": [encodable(name) for name in report.names],
        "state": report.state,
        "reason": report.reason,
        "rtt": _seconds(report.rtt),
        "evidence": report.evidence or None,
        "source": report.source,
        "ports": [port_record(result) for result in report.ports],
        "not_shown": [folded_record(folded) for folded in report.folded if folded.ports],
    }


def folded_record(folded: Folded) -> FoldedRecord:
    """Ports that are counted instead of listed."""
    ports = compress(folded.ports)
    return {"state": folded.state, "reason": folded.reason, "count": len(folded.ports), "ports": ports}


def answered_record(result: HostResult, names: Iterable[str] = ()) -> HostRecord:
    """One address of a ping sweep, as soon as it is known."""
    return {
        "address": result.address,
        "names": [encodable(name) for name in names],
        "state": result.state,
        "reason": result.reason,
        "rtt": _seconds(result.rtt),
        "evidence": result.evidence or None,
        "source": result.source,
        "ports": [],
        "not_shown": [],
    }


def unfinished_host(address: str, names: list[str], ports: Sequence[PortRecord]) -> HostRecord:
    """An address of which ports were found but whose last probe was never settled.

    A port that was open or closed answered for itself, so the host is up; a firewall's answer proves nothing of it.
    """
    proof = next((port for port in ports if port["state"] in {OPEN, CLOSED}), None)
    return {
        "address": address,
        "names": names,
        "state": UP if proof else UNKNOWN,
        "reason": proof["reason"] if proof else "no-response",
        "rtt": proof["rtt"] if proof else None,
        "evidence": None,
        "source": None,
        "ports": list(ports),
        "not_shown": [],
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
