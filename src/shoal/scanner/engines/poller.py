"""Which sockets have something to say: epoll where the kernel has it, `selectors` everywhere else.

The one rule: a poller only reports. `poll` returns (descriptor, troubled) pairs, where troubled means that the
socket's error queue may hold an ICMP error. With `REUSES` a refused socket may be connected again and its refusal is
provisional until one poll has shown no trouble; without, every attempt gets a fresh socket and is looked at alone.
"""

from __future__ import annotations

import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    class Poller(Protocol):
        """Watches descriptors for the end of a connection attempt."""

        REUSES: bool

        def add(self, descriptor: int) -> None:
            """A socket was made."""

        def watch(self, descriptor: int) -> None:
            """An attempt on it is under way."""

        def unwatch(self, descriptor: int) -> None:
            """The attempt is over; called before the socket is closed."""

        def poll(self, seconds: float, at_most: int) -> Iterable[tuple[int, int]]:
            """Wait up to `seconds` for at most so many descriptors; (descriptor, troubled) of each that spoke."""

        def close(self) -> None:
            """Give the descriptor back."""


class EpollPoller:
    """Edge-triggered epoll: a socket is registered once in its life, so a reused one costs no further call."""

    REUSES = True

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._events = select.EPOLLOUT | select.EPOLLET

    def add(self, descriptor: int) -> None:
        """Register it for life."""
        self._epoll.register(descriptor, self._events)

    def watch(self, descriptor: int) -> None:
        """Nothing to do: registered for life."""

    def unwatch(self, descriptor: int) -> None:
        """Nothing to do: closing a socket removes it."""

    def poll(self, seconds: float, at_most: int) -> Iterable[tuple[int, int]]:
        """Events as epoll has them; their flags carry `TROUBLED`."""
        return self._epoll.poll(seconds, at_most)

    def close(self) -> None:
        """Close the epoll descriptor."""
        self._epoll.close()


# What an epoll event's flags have in common with "troubled".
TROUBLED = getattr(select, "EPOLLERR", 8)


class SelectorPoller:
    """The portable one: `selectors.DefaultSelector` (kqueue, poll or select); slower and equally right."""

    REUSES = False

    def __init__(self) -> None:
        import selectors  # 3 ms, and only where there is no epoll

        self._selector = selectors.DefaultSelector()
        self._write = selectors.EVENT_WRITE

    def add(self, descriptor: int) -> None:
        """Nothing to do until an attempt is under way."""

    def watch(self, descriptor: int) -> None:
        """Wait for it to become writable."""
        self._selector.register(descriptor, self._write)

    def unwatch(self, descriptor: int) -> None:
        """Stop waiting: an ended attempt is writable for ever."""
        self._selector.unregister(descriptor)

    def poll(self, seconds: float, at_most: int) -> Iterable[tuple[int, int]]:
        """Everything that spoke is looked at alone, so all of it counts as troubled."""
        if not self._selector.get_map():
            import time

            time.sleep(seconds)  # some selectors refuse to wait for nothing
            return []
        return [(key.fd, TROUBLED) for key, _ in self._selector.select(seconds)[:at_most]]

    def close(self) -> None:
        """Close the selector."""
        self._selector.close()


def best_poller() -> Poller:
    """Epoll where there is one."""
    return EpollPoller() if hasattr(select, "epoll") else SelectorPoller()
