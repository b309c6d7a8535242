"""Transfers of libcurl on the running event loop.

The one rule: libcurl says which sockets and which moment it waits for; this waits, and says when a transfer is over.
On Linux libcurl's sockets are kept in an epoll set of our own, which the loop sees as one file: registering a socket
there costs a tenth of what it costs in the loop (29 us per request against 20, measured).
"""

from __future__ import annotations

import asyncio
import select
from typing import TYPE_CHECKING, Any

import pycurl

if TYPE_CHECKING:
    from collections.abc import Callable

_BATCH = 256
_ERRORS = pycurl.CSELECT_ERR | pycurl.CSELECT_IN


class CurlPump:
    """Runs transfers; `on_end(curl, code, text)` is called when one is over, code 0 for success."""

    def __init__(self, on_end: Callable[[Any, int, str], None], keep_connections: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_end = on_end
        self._multi = pycurl.CurlMulti()
        self._running: set[Any] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: float | None = None
        self._kicked = False
        self._closed = False
        watch_class = EpollWatch if hasattr(select, "epoll") else LoopWatch
        self._watch: Any = watch_class(self._loop, self._multi.socket_action, self._reap)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch.want)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._want_time)
        self._multi.setopt(pycurl.M_MAXCONNECTS, keep_connections)

    def start(self, curl: Any) -> None:
        """Begin a transfer."""
        self._running.add(curl)
        self._multi.add_handle(curl)

    def abandon(self, curl: Any) -> None:
        """End a transfer now; nobody is told."""
        if curl in self._running:
            self._running.discard(curl)
            self._multi.remove_handle(curl)

    def _want_time(self, milliseconds: int) -> None:
        """What libcurl calls to be woken; it may move the moment with every transfer, our timer moves seldom."""
        if milliseconds == 0:
            if not self._kicked and not self._closed:
                self._kicked = True
                self._loop.call_soon(self._kick)
            return
        if milliseconds < 0 or self._closed:
            self._deadline = None
            return
        self._deadline = self._loop.time() + milliseconds / 1000
        if self._timer is not None and self._timer.when() <= self._deadline:
            return
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._deadline is not None:
            self._timer = self._loop.call_at(self._deadline, self._time_has_come)

    def _time_has_come(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        if self._deadline > self._loop.time():
            self._arm()
            return
        self._deadline = None
        self._kick()

    def _kick(self) -> None:
        self._kicked = False
        if self._closed:
            return
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._reap()

    def _reap(self) -> None:
        """Hand out the transfers that are over."""
        while not self._closed:
            left, done, failed = self._multi.info_read()
            for curl in done:
                self._end(curl, 0, "")
            for curl, code, text in failed:
                self._end(curl, code, text)
            if not left:
                return

    def _end(self, curl: Any, code: int, text: str) -> None:
        self._running.discard(curl)
        self._multi.remove_handle(curl)
        self._on_end(curl, code, text)

    def close(self) -> None:
        """End all transfers, as if they had been given up, and close all connections."""
        for curl in list(self._running):
            self._end(curl, pycurl.E_ABORTED_BY_CALLBACK, "given up, because the crawl ends")
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._multi.close()
        self._watch.close()


# What the kernel is asked for, by what libcurl wants: POLL_NONE 0, POLL_IN 1, POLL_OUT 2, POLL_INOUT 3.
_MASKS = (0, select.EPOLLIN, select.EPOLLOUT, select.EPOLLIN | select.EPOLLOUT) if hasattr(select, "epoll") else ()


class EpollWatch:
    """Waits for libcurl's sockets in an epoll set of its own.

    A socket that libcurl has no more interest in stays in the set: with keep-alive it will be wanted again. The kernel
    takes out closed ones; that libcurl may get the number of a closed one again is why nothing is believed without
    asking the kernel.
    """

    def __init__(self, loop: Any, act: Callable[[int, int], Any], after: Callable[[], None]) -> None:
        self._loop = loop
        self._act = act
        self._after = after
        self._epoll = select.epoll()
        self._wanted: dict[int, int] = {}
        loop.add_reader(self._epoll.fileno(), self._ready)

    def want(self, what: int, fd: int, _multi: Any, _data: Any) -> None:
        """What libcurl calls: POLL_IN 1, POLL_OUT 2, both 3, POLL_REMOVE 4."""
        if what == pycurl.POLL_REMOVE:
            if fd in self._wanted:
                self._wanted[fd] = 0
            return
        mask = _MASKS[what]
        try:
            if fd in self._wanted:
                self._epoll.modify(fd, mask)
            else:
                self._epoll.register(fd, mask)
        except FileNotFoundError:
            self._epoll.register(fd, mask)
        except FileExistsError:
            self._epoll.modify(fd, mask)
        self._wanted[fd] = mask

    def _ready(self) -> None:
        wanted = self._wanted
        for fd, event in self._epoll.poll(0, _BATCH):
            if not wanted.get(fd):
                self._forget(fd)
            elif event == select.EPOLLIN:  # the usual case
                self._act(fd, pycurl.CSELECT_IN)
            else:
                self._act(fd, _flags_of(event))
        self._after()

    def _forget(self, fd: int) -> None:
        """A connection that nobody uses has something to say: usually that the server closed it."""
        self._wanted.pop(fd, None)
        try:
            self._epoll.unregister(fd)
        except OSError:
            return

    def close(self) -> None:
        """Wait no more."""
        if not self._loop.is_closed():
            self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()


def _flags_of(event: int) -> int:
    """What has happened, in libcurl's words."""
    flags = (event & select.EPOLLIN and pycurl.CSELECT_IN) | (event & select.EPOLLOUT and pycurl.CSELECT_OUT)
    return flags | _ERRORS if event & ~(select.EPOLLIN | select.EPOLLOUT) else flags


class LoopWatch:
    """Waits for libcurl's sockets in the loop itself, where there is no epoll."""

    def __init__(self, loop: Any, act: Callable[[int, int], Any], after: Callable[[], None]) -> None:
        self._loop = loop
        self._act = act
        self._after = after
        self._reading: set[int] = set()
        self._writing: set[int] = set()

    def want(self, what: int, fd: int, _multi: Any, _data: Any) -> None:
        """What libcurl calls: POLL_IN 1, POLL_OUT 2, both 3, POLL_REMOVE 4."""
        self._stop(fd)
        if what & 1:
            self._reading.add(fd)
            self._loop.add_reader(fd, self._ready, fd, pycurl.CSELECT_IN)
        if what & 2:
            self._writing.add(fd)
            self._loop.add_writer(fd, self._ready, fd, pycurl.CSELECT_OUT)

    def _stop(self, fd: int) -> None:
        if fd in self._reading:
            self._reading.discard(fd)
            self._loop.remove_reader(fd)
        if fd in self._writing:
            self._writing.discard(fd)
            self._loop.remove_writer(fd)

    def _ready(self, fd: int, flags: int) -> None:
        self._act(fd, flags)
        self._after()

    def close(self) -> None:
        """Wait no more."""
        if not self._loop.is_closed():
            for fd in self._reading | self._writing:
                self._stop(fd)
