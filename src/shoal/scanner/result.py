"""What a scan says: the values that travel from the engines to the outputs.

The one rule: a value here states only what was seen. Silence is "filtered, no-response", a fault of this machine is
"error", and neither is ever turned into "closed". Times are seconds, addresses are text in their canonical form
(IPv6 as in RFC 5952, with its zone where it has one).

Plain classes with slots: a result is made for each of 65,535 ports in a third of a second, and importing
`dataclasses` alone costs as much as scanning 2,000 ports.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Port states. "error" is ours: the probe never left this machine (no route, prohibited), so nothing is known.
OPEN = "open"
CLOSED = "closed"
FILTERED = "filtered"
ERROR = "error"

# Host states. "unknown": no answer to a port scan, which proves nothing; "down": no answer to a ping sweep.
UP = "up"
DOWN = "down"
UNKNOWN = "unknown"

# How a run ended.
COMPLETED = "completed"
INTERRUPTED = "interrupted"


class Record:
    """Equality, representation and a dictionary from `__slots__`, for values that are compared in tests."""

    __slots__: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Field name to value, in the order of the fields."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Record) and self.as_dict() == other.as_dict()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.as_dict().items())})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), tuple([getattr(self, name) for name in self.__slots__])

    __hash__ = None  # type: ignore[assignment]


class PortResult(Record):
    """One port of one address: its state, why we say so, and how long the answer took.

    `rtt` is seconds, None where nothing answered. `source` is the address that sent the ICMP error which is the
    reason, None otherwise.
    """

    __slots__ = ("address", "port", "state", "reason", "rtt", "source")

    def __init__(
        self, address: str, port: int, state: str, reason: str, rtt: float | None = None, source: str | None = None
    ) -> None:
        self.address = address
        self.port = port
        self.state = state
        self.reason = reason
        self.rtt = rtt
        self.source = source


class HostResult(Record):
    """One address of a ping sweep. `evidence` names the method: "icmp" (echo) or "tcp" (connect)."""

    __slots__ = ("address", "state", "reason", "rtt", "source", "evidence")

    def __init__(
        self,
        address: str,
        state: str,
        reason: str,
        rtt: float | None = None,
        source: str | None = None,
        evidence: str = "icmp",
    ) -> None:
        self.address = address
        self.state = state
        self.reason = reason
        self.rtt = rtt
        self.source = source
        self.evidence = evidence


class Folded(Record):
    """Ports of one host that share a state and a reason and are counted instead of listed; `ports` ascends."""

    __slots__ = ("state", "reason", "ports")

    def __init__(self, state: str, reason: str, ports: Iterable[int]) -> None:
        self.state = state
        self.reason = reason
        self.ports = sorted(ports)


class HostReport(Record):
    """Everything known of one address when its last probe is settled.

    `names` are the names it was given by; `ports` are the listed results, ascending; `folded` the counted ones.
    For a ping sweep both are empty. `evidence` as in `HostResult`, "" for a port scan.
    """

    __slots__ = ("address", "names", "state", "reason", "rtt", "ports", "folded", "source", "evidence")

    def __init__(
        self,
        address: str,
        names: Iterable[str] = (),
        state: str = UNKNOWN,
        reason: str = "no-response",
        rtt: float | None = None,
        ports: Iterable[PortResult] = (),
        folded: Iterable[Folded] = (),
        source: str | None = None,
        evidence: str = "",
    ) -> None:
        self.address = address
        self.names = list(names)
        self.state = state
        self.reason = reason
        self.rtt = rtt
        self.ports = sorted(ports, key=lambda result: result.port)
        self.folded = list(folded)
        self.source = source
        self.evidence = evidence


class Problem(Record):
    """Something that kept a part of the job from being done: a name not resolved, a route missing.

    `target` is the caller's word or the address, `count` how many probes or addresses it cost.
    """

    __slots__ = ("target", "reason", "count")

    def __init__(self, target: str, reason: str, count: int = 1) -> None:
        self.target = target
        self.reason = reason
        self.count = count


class Run(Record):
    """The frame around the results: what was asked, when, how it ended, and the totals.

    Filled in two steps: everything down to `started` before the first probe, the rest when the run ends. Moments
    are RFC 3339 UTC, `duration` is monotonic seconds. `counts` maps a state to how many ports (scan) or addresses
    (ping) are in it; `probes_planned - probes_settled` were never settled: an interrupted run did not scan them.
    """

    __slots__ = (
        "command", "argv", "version", "targets", "excluded", "addresses", "ports", "ports_per_address", "shard",
        "seed", "model", "ceiling", "started", "ended", "duration", "how_ended", "signal", "counts",
        "probes_planned", "probes_settled", "problems",
    )  # fmt: skip

    def __init__(
        self,
        command: str = "scan",
        argv: Iterable[str] = (),
        version: str = "",
        targets: Iterable[str] = (),
        excluded: Iterable[str] = (),
        addresses: int = 0,
        ports: str = "",
        ports_per_address: int = 0,
        shard: str | None = None,
        seed: int = 0,
        model: str = "async",
        ceiling: int | None = None,
        started: str = "",
    ) -> None:
        self.command = command
        self.argv = list(argv)
        self.version = version
        self.targets = list(targets)
        self.excluded = list(excluded)
        self.addresses = addresses
        self.ports = ports
        self.ports_per_address = ports_per_address
        self.shard = shard
        self.seed = seed
        self.model = model
        self.ceiling = ceiling
        self.started = started
        self.ended: str | None = None
        self.duration: float | None = None
        self.how_ended: str | None = None
        self.signal: int | None = None
        self.counts: dict[str, int] = {}
        self.probes_planned = 0
        self.probes_settled = 0
        self.problems: list[Problem] = []
