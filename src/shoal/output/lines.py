"""The lines a person reads: one for a port, one for a host, a few for the whole run.

The one rule: a line begins with the address, and nothing but the address stands before its first blank, so that
`cut -d' ' -f1` works. These functions are told everything and write nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

UNKNOWN = "-"
_SIGNALS = {1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 15: "SIGTERM"}  # the same everywhere (POSIX)


def endpoint(address: str, port: int) -> str:
    """`192.168.0.1:22`, and `[::1]:22` for IPv6 (RFC 3986)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def milliseconds(rtt: float | None) -> str:
    """Seconds as a person reads them: `0.04 ms`, `12.3 ms`, `204 ms`, `-` when nothing answered."""
    if rtt is None:
        return UNKNOWN
    value = rtt * 1000
    return f"{value:.2f} ms" if value < 1 else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def port_line(
    where: str,
    state: str,
    reason: str,
    rtt: float | None = None,
    service: str | None = None,
    source: str | None = None,
    names: Iterable[str] = (),
) -> str:
    """`192.168.0.1:22  open  ssh  0.30 ms`; a state other than open says why, and who said so."""
    parts = [where, state, service or UNKNOWN, milliseconds(rtt)]
    if state != "open":
        parts.append(_why(reason, source))
    parts += names
    return "  ".join(parts)


def host_line(
    address: str,
    state: str,
    reason: str,
    rtt: float | None = None,
    evidence: str | None = None,
    source: str | None = None,
    names: Iterable[str] = (),
) -> str:
    """`192.168.0.7  0.40 ms  printer.lan`; a host that is not up says its state and why."""
    parts = [address, milliseconds(rtt)] if state == "up" else [address, state, _why(reason, source)]
    if state == "up" and evidence == "tcp":
        parts.append("(tcp)")
    parts += names
    return "  ".join(parts)


def summary(
    ping: bool, addresses: int, found: int, counts: Mapping[str, int], shown: Mapping[str, int], duration: float | None
) -> str:
    """`5 open; 1,019 closed not shown; 1 host; 0.02 s`, or for a ping sweep `12 of 254 hosts up; 1.02 s`.

    `found` is how many hosts are up, `counts` all ports by state, `shown` those that were listed.
    """
    parts = []
    if ping:
        parts.append(f"{found:,} of {plural(addresses, 'host')} up")
        parts += [f"{counts[state]:,} {state}" for state in sorted(counts) if state not in {"up", "down"}]
    else:
        parts.append(f"{shown.get('open', 0):,} open")
        parts += [f"{shown[state]:,} {state}" for state in sorted(shown) if state != "open"]
        parts += [
            f"{counts[state] - shown.get(state, 0):,} {state} not shown"
            for state in sorted(counts)
            if counts[state] > shown.get(state, 0)
        ]
        parts.append(plural(addresses, "host"))
    if duration is not None:
        parts.append(seconds(duration))
    return "; ".join(parts)


def ending(how: str | None, signal: int | None, planned: int, settled: int) -> str | None:
    """What was not done, when the run did not end by itself: nobody may take it for a complete one."""
    if how in {"completed", None}:
        return None
    left = planned - settled
    rest = f": {left:,} of {planned:,} probes were not done" if left > 0 else ""
    return f"{stopped(how, signal)}{rest}"


def stopped(how: str | None, signal: int | None) -> str:
    """`interrupted by SIGINT`, `killed`."""
    return f"{how} by {_SIGNALS.get(signal, f'signal {signal}')}" if signal else str(how)


def problem_lines(problems: Sequence[tuple[str, str, int]], most: int = 20) -> list[str]:
    """`not scanned: no.such.name (name-not-found)`, at most so many of them and how many more there are."""
    lines = []
    for target, reason, count in problems[:most]:
        times = f", {count:,} times" if count > 1 else ""
        lines.append(f"not scanned: {target} ({reason}{times})")
    if len(problems) > most:
        lines.append(f"not scanned: {len(problems) - most:,} more")
    return lines


def seconds(duration: float) -> str:
    """`0.02 s`, `12.3 s`, `1 h 02 min 05 s`."""
    if duration < 100:
        return f"{duration:.2f} s" if duration < 10 else f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min {rest:02} s" if hours else f"{minutes} min {rest:02} s"


def plural(number: int, noun: str) -> str:
    """`1 host`, `1,024 hosts`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _why(reason: str, source: str | None) -> str:
    return f"{reason} from {source}" if source else reason
