"""A practice network of our own: a scanner's namespace and a target's, joined by a wire, with nothing else in reach.

    scanner 10.76.0.1 ──(near)──[ relay: delay, loss, drops ]──(far)── 10.76.0.2 target, which is all of 10.77.0.0/16

The one rule: no route leads out of it, so whatever is sent inside can reach nobody. The target answers for whole
ranges (`ip route add local`, "AnyIP"), so a /16 of hosts that answer echo costs nothing. IPv6 likewise:
fd00:76::1, fd00:76::2 and fd00:77::/64.

Everything is gone when the block ends, however it ends: see `lab.namespace` and `lab.process`.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shoal.lab.namespace import NOBODY, POWERLESS, Namespace, network_available
from shoal.lab.ports import OpenPorts
from shoal.lab.process import Child

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Self

__all__ = ["HOSTS", "HOSTS6", "NOBODY", "POWERLESS", "REJECTS", "Link", "Network", "network_available"]

SCANNER, TARGET, HOSTS = "10.76.0.1", "10.76.0.2", "10.77.0.0/16"
SCANNER6, TARGET6, HOSTS6 = "fd00:76::1", "fd00:76::2", "fd00:77::/64"
MACS = {"near": "02:00:00:00:00:01", "far": "02:00:00:00:00:02"}

# The ways a firewall says no (RFC 792, RFC 1812 5.2.7.1), by the name of the reason, in the words of nft(8).
REJECTS = {
    "net-unreach": "reject with icmp type net-unreachable",
    "host-unreach": "reject with icmp type host-unreachable",
    "proto-unreach": "reject with icmp type prot-unreachable",
    "port-unreach": "reject with icmp type port-unreachable",
    "net-prohibited": "reject with icmp type net-prohibited",
    "host-prohibited": "reject with icmp type host-prohibited",
    "admin-prohibited": "reject with icmp type admin-prohibited",
    "reset": "reject with tcp reset",
    "no-response": "drop",
}

# Echo replies and errors of a practice target are not rationed: what is missing is missing for a reason of the test.
_TARGET_SYSCTLS = {
    "net.ipv4.ip_forward": "1",  # else its unreachable and prohibit routes are silent
    "net.ipv4.icmp_ratelimit": "0",
    "net.ipv4.icmp_msgs_per_sec": "1000000",
    "net.ipv4.icmp_msgs_burst": "1000000",
}


class Link:
    """How good the wire is: round-trip time in seconds, share of frames lost each way, TCP ports never reached.

    Half of `rtt` is spent each way. `drop_ports` are dropped before the target, as a firewall drops. The losses are
    drawn from `seed`.
    """

    def __init__(self, rtt: float = 0.0, loss: float = 0.0, drop_ports: Iterable[int] = (), seed: int = 1) -> None:
        self.rtt = rtt
        self.loss = loss
        self.drop_ports = sorted(set(drop_ports))
        self.seed = seed

    def orders(self, life: float) -> dict[str, object]:
        """What the relay process is told."""
        return {
            "near": "near", "far": "far", "delay": self.rtt / 2, "loss": self.loss, "seed": self.seed,
            "drop_ports": self.drop_ports, "life": life,
        }  # fmt: skip


class Network:
    """A practice network, while its block is entered.

    `ports`: open TCP ports of every target host. `silent`: prefixes within the target's ranges that never answer.
    `link`: a relay between the two; None joins them directly. `target_rules`: nft rules of the target's input, such
    as f"ip daddr 10.77.0.9 tcp dport 80 {REJECTS['host-unreach']}"; `scanner_rules`: of the scanner's output.
    `target_routes`, `scanner_routes`: prefix to "unreachable", "prohibit" or "blackhole"; the kernel rations what the
    target's routes say (ip_error, net/ipv4/route.c: one a second), its rules always speak. Sysctls by dotted name.
    `life`: seconds after which listeners and relay end by themselves.

    Raises MachineError on entering when this machine cannot do it: ask `network_available` first.
    """

    def __init__(
        self,
        *,
        ports: Iterable[int] = (),
        silent: Iterable[str] = (),
        link: Link | None = None,
        target_rules: Sequence[str] = (),
        scanner_rules: Sequence[str] = (),
        target_routes: Mapping[str, str] | None = None,
        scanner_routes: Mapping[str, str] | None = None,
        target_sysctls: Mapping[str, str] | None = None,
        scanner_sysctls: Mapping[str, str] | None = None,
        mtu: int = 1500,
        life: float = 600.0,
    ) -> None:
        self.ports = sorted(set(ports))
        self.link = link
        self.mtu = mtu
        self.life = life
        self.relay_counts: dict[str, dict[str, int]] = {}
        self._routes = {
            "near": dict(scanner_routes or {}),
            "far": dict.fromkeys(silent, "blackhole") | dict(target_routes or {}),
        }
        self._rules = {"near": list(scanner_rules), "far": list(target_rules)}
        self._sysctls = {
            "near": dict(scanner_sysctls or {}),
            "far": _known(_TARGET_SYSCTLS) | dict(target_sysctls or {}),
        }
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.scanner = stack.enter_context(_namespace())
            self.target = stack.enter_context(_namespace())
            self._join(stack)
            _furnish(self.scanner, "near", self.mtu)
            _furnish(self.target, "far", self.mtu)
            for namespace, side in ((self.scanner, "near"), (self.target, "far")):
                self._apply(namespace, side)
            if self.ports:
                stack.enter_context(self.listen(self.ports))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def listen(self, ports: int | Iterable[int], address: str | None = None) -> OpenPorts:
        """More open ports on the target, once the result is entered; on all its addresses unless one is given."""
        return OpenPorts(address or ("::" if _has_ipv6() else "0.0.0.0"), ports, life=self.life, namespace=self.target)  # noqa: S104

    def run(
        self, command: Sequence[str], *, user: str | None = None, **options: Any
    ) -> subprocess.CompletedProcess[Any]:
        """Run a command as the scanner; see `Namespace.run`."""
        return self.scanner.run(command, user=user, **options)

    def popen(self, command: Sequence[str], *, user: str | None = None, **options: Any) -> subprocess.Popen[Any]:
        """Start a command as the scanner; see `Namespace.popen`."""
        return self.scanner.popen(command, user=user, **options)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The calling thread is in the scanner's namespace until the block ends."""
        with self.scanner.inside():
            yield

    def _join(self, stack: ExitStack) -> None:
        """Lay the wire: one veth pair, or two with the relay in a third namespace between them."""
        if self.link is None:
            self.scanner.ip(_pair("near", self.target, "far"))
            return
        middle = stack.enter_context(_namespace())
        self.scanner.ip(_pair("near", middle, "near"))
        self.target.ip(_pair("far", middle, "far"))
        if _has_ipv6():
            middle.sysctl({"net.ipv6.conf.near.disable_ipv6": "1", "net.ipv6.conf.far.disable_ipv6": "1"})
        middle.ip(*(f"link set {side} up mtu {self.mtu}" for side in MACS))
        relay = Child("relay.py", self.link.orders(self.life), middle)
        stack.callback(self._end_relay, relay)

    def _end_relay(self, relay: Child) -> None:
        """Keep what the relay counted: `relay_counts["near"]["lost"]` and the like, empty if it died."""
        self.relay_counts = relay.counts()

    def _apply(self, namespace: Namespace, side: str) -> None:
        """The wishes for one side: sysctls, routes that refuse, firewall rules."""
        namespace.sysctl(self._sysctls[side])
        table = "table local" if side == "far" else ""  # where the target's AnyIP routes are, and would win
        namespace.ip(*(f"route add {kind} {prefix} {table}" for prefix, kind in self._routes[side].items()))
        if rules := self._rules[side]:
            hook = "output" if side == "near" else "input"
            namespace.nft(
                "table inet lab {", f"chain c {{ type filter hook {hook} priority 0; policy accept;", *rules, "}", "}"
            )


@contextmanager
def _namespace() -> Iterator[Namespace]:
    namespace = Namespace()
    try:
        yield namespace
    finally:
        namespace.close()


def _pair(here: str, there: Namespace, name: str) -> str:
    """The command for a veth pair; only the ends of the whole wire get the known MACs."""
    mac = f"address {MACS[here]}"
    far = f"address {MACS[name]}" if name != here else ""
    return f"link add {here} {mac} type veth peer name {name} {far} netns {there.path}"


def _furnish(namespace: Namespace, side: str, mtu: int) -> None:
    """Addresses, the neighbour (fixed, so that no address resolution can fail or be lost) and routes."""
    other = "far" if side == "near" else "near"
    families = [(SCANNER, TARGET, HOSTS, "24")] + [(SCANNER6, TARGET6, HOSTS6, "64 nodad")] * _has_ipv6()
    namespace.ip(f"link set {side} up mtu {mtu}")
    for near, far, hosts, width in families:
        ours, theirs = (near, far) if side == "near" else (far, near)
        namespace.ip(
            f"addr add {ours}/{width.split()[0]} dev {side} {' '.join(width.split()[1:])}",
            f"neigh add {theirs} lladdr {MACS[other]} dev {side} nud permanent",
            f"route add {hosts} via {theirs}" if side == "near" else f"route add local {hosts} dev lo",
        )


def _has_ipv6() -> bool:
    return Path("/proc/sys/net/ipv6").exists()


def _known(values: Mapping[str, str]) -> dict[str, str]:
    """Those of our defaults that this kernel has."""
    return {name: value for name, value in values.items() if Path("/proc/sys", *name.split(".")).exists()}
