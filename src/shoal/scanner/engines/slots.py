"""The TCP engine's sockets: which are free, how many there may be.

The one rule: a socket is closed once and by nobody else, and a shortage of descriptors only ever makes the pool
smaller. With 64 descriptors a scan of 65,535 ports is slower, not different.
"""

from __future__ import annotations

import _socket

from shoal.errors import MachineError
from shoal.scanner.engines.peers import Slot
from shoal.scanner.reason import PRESSURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.scanner.engines.poller import Poller


class Slots:
    """All sockets of one engine, at most `most` of them; refused ones are kept to be connected again."""

    def __init__(self, most: int, poller: Poller, open_stream: Callable[[int], _socket.socket]) -> None:
        self._most = most
        self._poller = poller
        self._open_stream = open_stream
        self._all: dict[int, Slot] = {}
        self.free: dict[int, list[Slot]] = {_socket.AF_INET: [], _socket.AF_INET6: []}
        """By address family, the sockets that carry nothing: whoever has a refused one puts it back here."""

    def __len__(self) -> int:
        return len(self._all)

    def make(self, family: int) -> Slot | None:
        """A new socket of this family; None when all there may be are in use.

        Raises `OSError` when the family cannot be had at all, `MachineError` when not a single socket can.
        """
        if len(self._all) >= self._most and not self._drop_free():
            return None
        try:
            slot = Slot(self._open_stream(family))
        except OSError as problem:
            if problem.errno not in PRESSURE:
                raise
            if not self._all:
                raise MachineError.from_os("open a single socket", problem) from None
            self._most = len(self._all)
            return None
        self._all[slot.descriptor] = slot
        self._poller.add(slot.descriptor)
        return slot

    def discard(self, slot: Slot) -> None:
        """Close it; an open connection is reset, so that no local port stays taken."""
        slot.sent_at = 0.0
        del self._all[slot.descriptor]
        slot.stream.close()

    def close(self) -> None:
        """Close all of them."""
        for slot in list(self._all.values()):
            self.discard(slot)

    def _drop_free(self) -> bool:
        """Close an idle socket of whatever family, to make room for one of another."""
        for free in self.free.values():
            if free:
                self.discard(free.pop())
                return True
        return False
