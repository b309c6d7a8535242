"""Sockets for the TCP engine, and how many this process may have.

The one rule: a shortage is found out before it hurts. The soft limit on descriptors is raised to the hard one, and
some are left free for result files and imports. `_socket` is used instead of `socket`: the module that wraps it
costs 5 ms to import and a Python object a socket.
"""

from __future__ import annotations

import _socket
import os
import sys

from shoal.scanner.reason import IP_RECVERR, IPV6_RECVERR, SOL_IP, SOL_IPV6, IcmpError, read_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

STREAMS = 4_096
"""Sockets in use at most: more in flight gains nothing at 20 ms and 5 us a probe."""

KEPT_FREE = 12
"""Descriptors left for result files, imports and the terminal."""

# struct linger {int onoff; int linger;}: on, for no time
_RESET_ON_CLOSE = (1).to_bytes(4, sys.byteorder) + bytes(4)
_BORN_NON_BLOCKING = getattr(_socket, "SOCK_NONBLOCK", 0)
_STREAM = _socket.SOCK_STREAM | _BORN_NON_BLOCKING | getattr(_socket, "SOCK_CLOEXEC", 0)
_HAS_ERROR_QUEUE = sys.platform == "linux"
_MSG_ERRQUEUE = 0x2000
_CONTROL_SPACE = 256


def stream_limit() -> int:
    """How many sockets this process may use: the descriptor limit, raised as far as allowed, less what is taken."""
    try:
        import resource
    except ImportError:  # not a Unix: select() there is limited to 512 sockets
        return 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = STREAMS + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return STREAMS
    return max(1, min(STREAMS, soft - _descriptors_open() - KEPT_FREE))


def _descriptors_open() -> int:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return len(os.listdir(folder))
        except OSError:
            continue
    return 16


def open_stream(family: int) -> _socket.socket:
    """A non-blocking TCP socket that tells ICMP errors apart and, closed, leaves no TIME_WAIT behind (RST)."""
    stream = _socket.socket(family, _STREAM, 0)
    if not _BORN_NON_BLOCKING:
        stream.setblocking(False)
    stream.setsockopt(_socket.SOL_SOCKET, _socket.SO_LINGER, _RESET_ON_CLOSE)
    if _HAS_ERROR_QUEUE:
        level, option = (SOL_IP, IP_RECVERR) if family == _socket.AF_INET else (SOL_IPV6, IPV6_RECVERR)
        stream.setsockopt(level, option, 1)
    return stream


def read_error_queue(stream: _socket.socket) -> IcmpError | None:
    """The ICMP error behind a failed attempt, None where there is none or the system does not tell."""
    if not _HAS_ERROR_QUEUE:
        return None
    try:
        _, control, _, _ = stream.recvmsg(0, _CONTROL_SPACE, _MSG_ERRQUEUE)
    except OSError:
        return None
    return read_control(control)


def connected_to_ourselves(stream: _socket.socket, others: Iterable[_socket.socket]) -> bool:
    """Whether an "open" port is our own doing: TCP lets a socket connect to itself, and two of ours to each other.

    Measured: a plain connect loop over loopback's ephemeral ports reports 6 such ports in 84,696 as open.
    """
    try:
        local, remote = stream.getsockname()[:2], stream.getpeername()[:2]
    except OSError:
        return False  # reset since: somebody did answer
    if local[0] != remote[0]:
        return False
    return local == remote or any(_local_name(other) == remote for other in others if other is not stream)


def _local_name(stream: _socket.socket) -> object:
    try:
        return stream.getsockname()[:2]
    except OSError:
        return None
