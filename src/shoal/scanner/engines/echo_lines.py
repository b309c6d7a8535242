"""The sockets of one sweep together: which one an address needs, how to send through it, and waiting for all of them.

The one rule: an IP version that cannot be had fails for its own addresses only.
"""

from __future__ import annotations

import errno
import select

from shoal.scanner.engines.echo_socket import EchoSocket, NoEcho
from shoal.scanner.reason import before_sending
from shoal.scanner.result import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shoal.scanner.reason import IcmpError

    Way = tuple[Callable[[bytes, tuple[str, int]], object], bytes]
    """A function that sends, and its first argument."""

REFUSALS = {4: frozenset(((3, 2), (3, 3), (3, 9), (3, 10), (3, 13))), 6: frozenset(((1, 1), (1, 4)))}
"""ICMP errors (kind, code) by IP version with which a host itself refuses to be pinged."""


def is_refusal(error: IcmpError, address: str) -> bool:
    """Whether the address itself sent this error, which shows that it is there."""
    return error.source == address and (error.kind, error.code) in REFUSALS[error.version]


class Lines:
    """For each IP version its socket, or what stands in for it; `open` are the real ones."""

    __slots__ = ("open", "_by_version", "_ways")

    def __init__(self, sockets: Iterable[EchoSocket | NoEcho]) -> None:
        self._by_version: dict[int, EchoSocket | NoEcho] = {version: NoEcho(version) for version in (4, 6)}
        self._by_version.update((line.version, line) for line in sockets)
        self.open = [line for line in self._by_version.values() if not isinstance(line, NoEcho)]
        self._ways: dict[int, tuple[Way, Way]] = {}

    def of(self, address: str) -> EchoSocket | NoEcho:
        """The socket for an address."""
        return self._by_version[6 if ":" in address else 4]

    def ways(self, attempt: int) -> tuple[Way, Way]:
        """How to send try number `attempt` over IPv4 and over IPv6."""
        ways = self._ways.get(attempt)
        if ways is None:
            four, six = self._by_version[4], self._by_version[6]
            ways = (four.send, four.echo.request_of(attempt)), (six.send, six.echo.request_of(attempt))
            self._ways[attempt] = ways
        return ways

    def why_unsent(self, address: str, problem: int) -> tuple[str, str]:
        """State and reason of an address to which nothing could be sent, from the errno."""
        line = self.of(address)
        if isinstance(line, NoEcho):
            return ERROR, line.reason
        if problem == errno.EACCES and line.is_broadcast(address):
            return ERROR, "broadcast"
        return before_sending(problem)

    def close(self) -> None:
        """Give the descriptors back."""
        for line in self.open:
            line.close()


class Waiter:
    """Waits until a reply or an ICMP error has come to one of the sockets."""

    def __init__(self, descriptors: Iterable[int]) -> None:
        self._descriptors = list(descriptors)
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll:
            for descriptor in self._descriptors:
                self._poll.register(descriptor, select.POLLIN)

    def __call__(self, seconds: float) -> None:
        """Return when something has come, or after `seconds`."""
        if self._poll:
            self._poll.poll(seconds * 1000)
        elif self._descriptors:
            select.select(self._descriptors, [], [], seconds)
