"""`.xml`: the form nmap's readers know (https://nmap.org/book/nmap-dtd.html, xmloutputversion 1.05).

The one rule: structure is nmap's, content is ours. The DTD allows one scanner name, so it says nmap; `args` is our own
command line and `version` our own version. What the form has no word for is said with the nearest one that claims
less: our state "error" is "unknown", and a run that was interrupted or killed ends with exit="error" and says so.
"""

from __future__ import annotations

from datetime import UTC, datetime

from shoal.output.escape import xml
from shoal.output.lines import stopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from shoal.output.records import Frame, HostRecord, PortRecord

_XML_VERSION = "1.05"
_BY_PORT_NUMBER = "3"  # nmap's confidence in a service that is only looked up in a table


def document(frame: Frame, hosts: Iterable[HostRecord]) -> Iterator[str]:
    """The pieces of the document."""
    run: Any = frame
    yield from _head(run)
    up = 0
    for host in hosts:
        up += host["state"] == "up"
        yield from _host(host)
    yield from _tail(run, up)


def _head(run: Any) -> Iterator[str]:
    started = _moment(run["start"])
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n'
    yield _open(
        "nmaprun",
        scanner="nmap",
        args=" ".join(run["argv"]),
        start=_epoch(started),
        startstr=_ctime(started),
        version=run["version"],
        xmloutputversion=_XML_VERSION,
    )
    scanned = run["scanned"]
    if scanned["ports_per_address"]:
        count = scanned["ports_per_address"]
        yield _empty("scaninfo", type="connect", protocol="tcp", numservices=count, services=scanned["ports"] or "")
    yield _empty("verbose", level=0) + _empty("debugging", level=0)


def _tail(run: Any, up: int) -> Iterator[str]:
    ended = _moment(run["end"])
    counts = run["counts"] or {}
    total = run["scanned"]["addresses"]
    failure = {} if run["how_ended"] == "completed" else {"errormsg": stopped(run["how_ended"], run["signal"])}
    yield "<runstats>\n"
    yield _empty(
        "finished",
        time=_epoch(ended or _moment(run["start"])),
        timestr=_ctime(ended),
        elapsed=f"{run['duration'] or 0:.2f}",
        summary=f"shoal {run['how_ended']}: {total} addresses ({up} hosts up)",
        exit="error" if failure else "success",
        **failure,
    )
    down = counts.get("down", 0) if not run["scanned"]["ports_per_address"] else 0
    yield _empty("hosts", up=up, down=down, total=total) + "</runstats>\n</nmaprun>\n"


def _host(host: HostRecord) -> Iterator[str]:
    address = host["address"]
    state = host["state"] if host["state"] in {"up", "down"} else "unknown"
    yield "<host>" + _empty("status", state=state, reason=host["reason"], reason_ttl=0)
    yield _empty("address", addr=address, addrtype="ipv6" if ":" in address else "ipv4")
    names = (_empty("hostname", name=name, type="user") for name in host["names"])
    yield f"<hostnames>\n{''.join(names)}</hostnames>\n"
    if host["ports"] or host["not_shown"]:
        yield "<ports>" + "".join(_folded(host)) + "".join(map(_port, host["ports"])) + "</ports>\n"
    if host["rtt"] is not None:
        microseconds = round(host["rtt"] * 1e6)
        yield _empty("times", srtt=microseconds, rttvar=0, to=0)
    yield "</host>\n"


def _folded(host: HostRecord) -> Iterator[str]:
    """One `extraports` a state, in it one `extrareasons` a reason."""
    for state in sorted({entry["state"] for entry in host["not_shown"]}):
        entries = [entry for entry in host["not_shown"] if entry["state"] == state]
        yield _open("extraports", state=_port_state(state), count=sum(entry["count"] for entry in entries))
        for entry in entries:
            fields = {"reason": entry["reason"], "count": entry["count"], "proto": "tcp", "ports": entry["ports"]}
            yield _empty("extrareasons", **fields)
        yield "</extraports>\n"


def _port(port: PortRecord) -> str:
    source = {"reason_ip": port["source"]} if port["source"] else {}
    state = _empty("state", state=_port_state(port["state"]), reason=port["reason"], reason_ttl=0, **source)
    service = ""
    if port["service"]:
        service = _empty("service", name=port["service"], method="table", conf=_BY_PORT_NUMBER)
    return _open("port", protocol=port["protocol"], portid=port["port"]) + state + service + "</port>\n"


def _port_state(state: str) -> str:
    return "unknown" if state == "error" else state


def _open(tag: str, **attributes: object) -> str:
    return f"<{tag}{_attributes(attributes)}>\n"


def _empty(tag: str, **attributes: object) -> str:
    return f"<{tag}{_attributes(attributes)}/>\n"


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(f' {name}="{xml(str(value))}"' for name, value in attributes.items())


def _moment(text: str | None) -> datetime | None:
    """The moment a run wrote down (RFC 3339); None where it is missing or is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _epoch(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def _ctime(moment: datetime | None) -> str:
    return moment.strftime("%a %b %e %H:%M:%S %Y") if moment else ""
