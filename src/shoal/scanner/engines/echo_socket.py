"""One socket per IP version that sends echo requests to everybody and hears their replies.

The one rule: the least privilege that works is tried first. A datagram ICMP socket needs none where
net.ipv4.ping_group_range includes the user's group; a raw one needs root or CAP_NET_RAW; where neither is allowed that
is a value with a sentence saying what would help, and the caller pings another way.

A raw socket hears every ICMP message of the machine, so it is told to pass echo replies alone. ICMP errors come
through the error queue (IP_RECVERR) on both kinds, with the request they are about.
"""

from __future__ import annotations

import _socket
import errno
import os
import sys
from struct import pack

from shoal.net.frames import TOKEN, Echo
from shoal.scanner.reason import IP_RECVERR, IPV6_RECVERR, SOL_IP, SOL_IPV6, read_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from shoal.net.targets import TargetSet
    from shoal.scanner.reason import IcmpError

RECEIVE_BUFFER = 8 << 20
"""Bytes asked for the replies that wait while we send: some 20,000 of them."""

SPACE = 128
"""Bytes kept of a packet: the longest IPv4 header, and our message, which is 16."""

_LINUX = sys.platform == "linux"
_SO_RCVBUFFORCE = 33
_MSG_ERRQUEUE = 0x2000
_SOL_RAW, _ICMP_FILTER = 255, 1
_SOL_ICMPV6, _ICMPV6_FILTER = 58, 1
_ONLY_ECHO_REPLY = pack("=I", 0xFFFFFFFE)
_ONLY_ECHO_REPLY_V6 = pack("=8I", *(0xFFFFFFFD if word == 4 else 0xFFFFFFFF for word in range(8)))
_FLAGS = getattr(_socket, "SOCK_NONBLOCK", 0) | getattr(_socket, "SOCK_CLOEXEC", 0)
_KINDS = (_socket.SOCK_DGRAM, _socket.SOCK_RAW)


class NoEcho:
    """Stands in for the socket of an IP version that has none: `reason` for a result, `sentence` for the user.

    `permission` is whether only a permission is missing; without it the machine lacks the IP version.
    """

    __slots__ = ("version", "permission", "reason", "sentence", "echo")

    def __init__(self, version: int, number: int = errno.EAFNOSUPPORT) -> None:
        self.version = version
        self.echo = Echo(version, 0, bytes(TOKEN))
        self.permission = number in {errno.EACCES, errno.EPERM}
        if self.permission:
            self.reason = "icmp-not-permitted"
            self.sentence = (
                'ICMP echo is not permitted here; `sysctl -w net.ipv4.ping_group_range="0 2147483647"` allows it to '
                "everyone, `setcap cap_net_raw+ep` on the Python interpreter to this program"
            )
        else:
            self.reason = "family-not-supported"
            self.sentence = f"this machine does not offer ICMP over IPv{version}: {os.strerror(number)}"

    def send(self, _packet: bytes, _destination: tuple[str, int]) -> None:
        """Fail, as a socket that cannot be had does."""
        raise OSError(errno.EAFNOSUPPORT, self.reason)

    def errors(self) -> Iterator[tuple[str, bytes, IcmpError | None]]:
        """There are none."""
        return iter(())


class EchoSocket:
    """A socket and the messages it exchanges. `kind` is "datagram" or "raw".

    `send(packet, (address, 0))` and `receive(SPACE) -> (packet, (address, ...))` are the socket's own methods where
    possible (IPv4), for each costs a microsecond; both raise OSError, and BlockingIOError when it must wait.
    """

    def __init__(self, family: int, kind: int) -> None:
        self.version = 4 if family == _socket.AF_INET else 6
        self.kind = "datagram" if kind == _socket.SOCK_DGRAM else "raw"
        protocol = _socket.IPPROTO_ICMP if self.version == 4 else _SOL_ICMPV6
        self._socket = _socket.socket(family, kind | _FLAGS, protocol)
        try:
            self._prepare()
        except OSError:
            self._socket.close()
            raise
        self.echo = Echo(self.version, self._identify(), os.urandom(TOKEN))
        self._scopes: dict[str, int] = {}
        self.send: Any = self._socket.sendto if self.version == 4 else self._send_v6
        self.receive: Any = self._socket.recvfrom if self.version == 4 else self._receive_v6

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._socket.fileno()

    def close(self) -> None:
        """Give the descriptor back."""
        self._socket.close()

    def errors(self) -> Iterator[tuple[str, bytes, IcmpError | None]]:
        """Empty the error queue: (address asked, the request as it was quoted, the error) of each entry."""
        while _LINUX:
            try:
                request, control, _, asked = self._socket.recvmsg(SPACE, 512, _MSG_ERRQUEUE)
            except OSError:
                return
            yield self._text(asked) if asked else "", request, read_control(control)

    def is_broadcast(self, address: str) -> bool:
        """Whether sending was refused because the address is a broadcast one; asks the routing table, sends nothing."""
        if self.version != 4:
            return False
        asking = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
        try:
            asking.setsockopt(_socket.SOL_SOCKET, _socket.SO_BROADCAST, 1)
            asking.connect((address, 9))
        except OSError:
            return False
        finally:
            asking.close()
        return True

    def _prepare(self) -> None:
        own = self._socket
        if not _FLAGS:
            own.setblocking(False)
        _enlarge_buffer(own)
        if not _LINUX:
            return
        if self.kind == "raw":
            if self.version == 4:
                own.setsockopt(_SOL_RAW, _ICMP_FILTER, _ONLY_ECHO_REPLY)
            else:
                own.setsockopt(_SOL_ICMPV6, _ICMPV6_FILTER, _ONLY_ECHO_REPLY_V6)
        level, option = (SOL_IP, IP_RECVERR) if self.version == 4 else (SOL_IPV6, IPV6_RECVERR)
        own.setsockopt(level, option, 1)

    def _identify(self) -> int:
        """The identifier of our echoes: a datagram socket's is chosen by the kernel, a raw one's by chance."""
        if self.kind == "datagram":
            try:
                self._socket.bind(("0.0.0.0" if self.version == 4 else "::", 0))  # noqa: S104
                ident: int = self._socket.getsockname()[1]
            except OSError:
                ident = 0
            if ident:
                return ident
        return int.from_bytes(os.urandom(2), "big")

    # IPv6: results name the zone, the kernel wants and gives its number

    def _send_v6(self, packet: bytes, destination: tuple[str, int]) -> None:
        address = destination[0]
        if "%" not in address:
            self._socket.sendto(packet, (address, 0))
            return
        host, _, zone = address.partition("%")
        if zone not in self._scopes:
            self._scopes[zone] = _scope(zone)
        self._socket.sendto(packet, (host, 0, 0, self._scopes[zone]))

    def _receive_v6(self, space: int) -> tuple[bytes, tuple[str]]:
        packet, source = self._socket.recvfrom(space)
        return packet, (self._text(source),)

    def _text(self, source: tuple[Any, ...]) -> str:
        """The address as results write it: canonical, with the zone in the words it was asked by."""
        host: str = source[0]
        if self.version == 4:
            return host
        if "." in host:  # the C library writes ::1:2 as ::0.1.0.2
            from shoal.net.ipv6 import ipv6_text

            host = ipv6_text(int.from_bytes(_socket.inet_pton(_socket.AF_INET6, host), "big"))
        for zone, scope in self._scopes.items():
            if scope == source[3]:
                return f"{host}%{zone}"
        return host


def open_echo(version: int) -> EchoSocket | NoEcho:
    """A socket for echoes over IP version 4 or 6, a datagram one if possible; or why there is none."""
    problem = 0
    family = _socket.AF_INET if version == 4 else _socket.AF_INET6
    for kind in _KINDS:
        try:
            return EchoSocket(family, kind)
        except OSError as refused:
            problem = refused.errno or 0
    return NoEcho(version, problem)


def open_for(targets: TargetSet) -> list[EchoSocket | NoEcho]:
    """`open_echo` for each IP version among the targets."""
    return [open_echo(version) for version in sorted({family.version for family in targets.families})]


def not_permitted(targets: TargetSet) -> str | None:
    """The sentence that says what would allow ICMP echo to these targets; None if it is allowed.

    An IP version that this machine does not have at all is no reason to ping another way: nothing would reach it.
    """
    why = None
    for line in open_for(targets):
        if not isinstance(line, NoEcho):
            line.close()
        elif line.permission:
            why = line.sentence
    return why


def _scope(zone: str) -> int:
    """The number of the interface; OSError (ENODEV) if there is none of that name."""
    if zone.isdecimal():
        return int(zone)
    try:
        return _socket.if_nametoindex(zone)
    except OSError:  # which has no errno
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from None


def _enlarge_buffer(own: _socket.socket) -> None:
    """As much room for replies as allowed: beyond the system's limit with CAP_NET_ADMIN, else up to it."""
    for option in (_SO_RCVBUFFORCE, _socket.SO_RCVBUF) if _LINUX else (_socket.SO_RCVBUF,):
        try:
            own.setsockopt(_socket.SOL_SOCKET, option, RECEIVE_BUFFER)
        except OSError:
            continue
        return
