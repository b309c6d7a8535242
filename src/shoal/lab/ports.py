"""Practice ports on loopback, without root: open, closed, silent and resetting ones, on any address of 127.0.0.0/8.

The one rule: what is held is held by a child process, so neither the time nor the descriptors of the program that is
being tried are touched. It ends with the block, with this process, or after `life` seconds.

Each class is a context manager: `with OpenPorts("127.0.7.1", 3) as host: host.ports`. An address in 127.0.0.0/8 plays
a host of its own on Linux; "::1" is the only one IPv6 has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.lab.process import Child

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

    from shoal.lab.namespace import Namespace


class _Ports:
    """Ports of one kind on one address; `ports` ascends and is known once the block is entered.

    `ports` may be given as a number: the system then chooses that many free ones. Entering raises MachineError when
    a port is taken or forbidden (below 1024 without root).
    """

    kind = ""

    def __init__(
        self,
        address: str = "127.0.0.1",
        ports: int | Iterable[int] = 1,
        *,
        life: float = 600.0,
        namespace: Namespace | None = None,
    ) -> None:
        self.address = address
        self.ports: list[int] = []
        wanted = {"count": ports} if isinstance(ports, int) else {"ports": sorted(set(ports))}
        self._orders = {"address": address, "kind": self.kind, "life": life, **wanted}
        self._namespace = namespace
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self._child = Child("listener.py", self._orders, self._namespace)
        self.ports = sorted(self._child.answer["ports"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class OpenPorts(_Ports):
    """Listeners that accept every connection and close it politely (FIN)."""

    kind = "open"


class ResettingPorts(_Ports):
    """Listeners that accept every connection and break it off at once (RST), as some load balancers do."""

    kind = "reset"


class ClosedPorts(_Ports):
    """Ports that refuse (RST), and that nobody else can take meanwhile."""

    kind = "closed"


class SilentPorts(_Ports):
    """Ports that never answer a SYN, as if a firewall dropped it. Linux only.

    Each is a listener whose queue of one place is kept full: the kernel then drops further SYNs
    (tcp_conn_request, net/ipv4/tcp_input.c). `net.ipv4.tcp_abort_on_overflow` does not change that.
    """

    kind = "silent"
