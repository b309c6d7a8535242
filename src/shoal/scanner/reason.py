"""What an answer means: errno and ICMP evidence -> port state and reason. One truth table, nothing else.

The one rule: an ICMP error is believed over errno. Linux reports the usual firewall REJECT (ICMP port-unreachable)
as ECONNREFUSED, exactly like a closed port; only the socket's error queue (IP_RECVERR, readable without privileges)
tells the two apart and names the router or firewall that refused.

Sources: RFC 792, RFC 1812 (ICMP codes), RFC 4443 (ICMPv6), Linux include/uapi/linux/errqueue.h; every row was
measured against nmap's root SYN scan with a firewall that sends that error.
"""

from __future__ import annotations

import errno

from shoal.scanner.result import CLOSED, ERROR, FILTERED, OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ANSWERED = OPEN, "syn-ack"
REFUSED = CLOSED, "conn-refused"
SILENT = FILTERED, "no-response"
SELF_CONNECTED = CLOSED, "self-connect"

PRESSURE = frozenset(
    (errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EADDRINUSE)
)
"""This machine is short of something: the probe was not sent, says nothing of the peer, and is asked again."""

PENDING = frozenset((errno.EINPROGRESS, errno.EALREADY))
CONNECTED = frozenset((0, errno.EISCONN))

_UNREACHABLE_V4 = {
    0: "net-unreach",
    1: "host-unreach",
    2: "proto-unreach",
    3: "port-unreach",
    4: "frag-needed",
    5: "source-route-failed",
    6: "net-unknown",
    7: "host-unknown",
    9: "net-prohibited",
    10: "host-prohibited",
    11: "net-tos-unreach",
    12: "host-tos-unreach",
    13: "admin-prohibited",
    14: "host-precedence",
    15: "precedence-cutoff",
}

_UNREACHABLE_V6 = {
    0: "net-unreach",
    1: "admin-prohibited",
    2: "beyond-scope",
    3: "host-unreach",
    4: "port-unreach",
    5: "ingress-policy",
    6: "reject-route",
}

_BEFORE_SENDING = {
    errno.ENETUNREACH: "no-route",
    errno.EHOSTUNREACH: "unreachable-route",
    errno.EACCES: "prohibited-route",
    errno.EINVAL: "blackhole-route",
    errno.EPERM: "local-firewall",
    errno.ENETDOWN: "network-down",
    errno.EAFNOSUPPORT: "family-not-supported",
    errno.ENODEV: "no-such-interface",
    errno.ENXIO: "no-such-interface",
}

_AFTER_SENDING = {
    errno.ECONNREFUSED: REFUSED,
    errno.ENETUNREACH: (FILTERED, "net-unreach"),
    errno.EHOSTUNREACH: (FILTERED, "host-unreach"),
    errno.ENOPROTOOPT: (FILTERED, "proto-unreach"),
    errno.EACCES: (FILTERED, "admin-prohibited"),
    errno.ETIMEDOUT: SILENT,
    errno.ECONNRESET: (CLOSED, "reset"),
    errno.ECONNABORTED: (CLOSED, "reset"),
    errno.EPROTO: (FILTERED, "icmp-error"),
    errno.EMSGSIZE: (FILTERED, "frag-needed"),
}


class IcmpError:
    """One entry of a socket's error queue: the kind of ICMP error and the address that sent it (None: unknown)."""

    __slots__ = ("code", "kind", "source", "version")

    def __init__(self, version: int, kind: int, code: int, source: str | None) -> None:
        self.version = version
        self.kind = kind
        self.code = code
        self.source = source

    @property
    def reason(self) -> str:
        """The error's name in the field's words, such as "port-unreach"."""
        if self.version == 4 and self.kind == 3:
            return _UNREACHABLE_V4.get(self.code, f"icmp-3-{self.code}")
        if self.version == 6 and self.kind == 1:
            return _UNREACHABLE_V6.get(self.code, f"icmp6-1-{self.code}")
        if self.kind == (11 if self.version == 4 else 3):
            return "ttl-exceeded"
        return f"icmp{'6' if self.version == 6 else ''}-{self.kind}-{self.code}"


def before_sending(number: int) -> tuple[str, str]:
    """State and reason when connect() failed at once: routing or policy of this machine; the peer was not asked."""
    return ERROR, _BEFORE_SENDING.get(number) or errno.errorcode.get(number, str(number)).lower()


def after_sending(number: int) -> tuple[str, str]:
    """State and reason when a connection attempt failed later and no ICMP error explains it."""
    return _AFTER_SENDING.get(number) or (ERROR, errno.errorcode.get(number, str(number)).lower())


# struct sock_extended_err { u32 errno; u8 origin, type, code, pad; u32 info, data; } then the offender's sockaddr.
SOL_IP, IP_RECVERR = 0, 11
SOL_IPV6, IPV6_RECVERR = 41, 25
_ORIGIN_ICMP, _ORIGIN_ICMP6 = 2, 3
_HEADER = 16


def read_control(control: Iterable[tuple[int, int, bytes]]) -> IcmpError | None:
    """The ICMP error in the control messages of recvmsg(MSG_ERRQUEUE), or None where there is none."""
    for level, kind, data in control:
        if (level, kind) not in {(SOL_IP, IP_RECVERR), (SOL_IPV6, IPV6_RECVERR)} or len(data) < _HEADER:
            continue
        origin = data[4]
        if origin == _ORIGIN_ICMP:
            return IcmpError(4, data[5], data[6], _offender_v4(data))
        if origin == _ORIGIN_ICMP6:
            return IcmpError(6, data[5], data[6], _offender_v6(data))
    return None


def _offender_v4(data: bytes) -> str | None:
    address = data[_HEADER + 4 : _HEADER + 8]
    return ".".join(map(str, address)) if len(address) == 4 and any(address) else None


def _offender_v6(data: bytes) -> str | None:
    address = data[_HEADER + 8 : _HEADER + 24]
    if len(address) < 16 or not any(address):
        return None
    import ipaddress  # 4 ms: only when an IPv6 router has refused something

    return str(ipaddress.IPv6Address(address))
