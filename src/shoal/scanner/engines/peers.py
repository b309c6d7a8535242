"""One address while it is being probed, and the sockets that carry its probes.

The one rule: every address is judged by its own round trips. A distant host among near ones must not be called
silent because the near ones answer fast.
"""

from __future__ import annotations

import _socket

from shoal.errors import UsageError
from shoal.pace.timing import Loss, Timeout, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque

    from shoal.scanner.probes import Block

    Probe = tuple["Peer", int, int]
    """A peer, a port, and how many times it was asked before."""
else:
    from _collections import deque  # the package around it takes 1 ms, a tenth of a near scan

FOREVER = float("inf")


class Slot:
    """One socket and the probe it carries at the moment; `sent_at` is 0 when that probe has ended."""

    __slots__ = ("stream", "descriptor", "connect", "probe", "sent_at", "rtt")

    def __init__(self, stream: _socket.socket) -> None:
        self.stream = stream
        self.descriptor = stream.fileno()
        self.connect = stream.connect_ex
        self.probe: Probe
        self.sent_at = 0.0
        self.rtt = 0.0


class Peer:
    """The pace of one address, its probes in flight in the order they were sent, and when the first of them is due.

    `host` and `scope` are the address as connect() takes it; `scope` is None for IPv4.
    """

    __slots__ = (
        "address", "host", "scope", "family", "block", "timeout", "window", "loss",
        "in_flight", "sent", "due", "held", "listed",
    )  # fmt: skip

    def __init__(self, address: str, block: Block, ceiling: float, longest: float) -> None:
        self.address = address
        self.block = block
        self.host, self.scope = _split_zone(address)
        self.family = _socket.AF_INET if self.scope is None else _socket.AF_INET6
        self.timeout = Timeout(longest)
        self.window = Window(ceiling)
        self.loss = Loss()
        self.in_flight = 0
        self.sent: deque[tuple[Slot, float]] = deque()
        self.due = FOREVER
        self.held: list[Probe] = []
        self.listed = False


def _split_zone(address: str) -> tuple[str, int | None]:
    """An address as connect() wants it, and for IPv6 its scope (0: none)."""
    if ":" not in address:
        return address, None
    host, _, zone = address.partition("%")
    if not zone:
        return host, 0
    if zone.isdecimal():
        return host, int(zone)
    try:
        return host, _socket.if_nametoindex(zone)
    except OSError:
        raise UsageError(f"there is no network interface {zone!r} here", address, len(host) + 1) from None
