"""Packets as values: ICMP and ICMPv6 echo messages built, and answers to them recognised.

The one rule: a packet is ours only if it proves it. An echo reply must carry our identifier and the sweep's random
token, so that neither another program's reply nor one made up by somebody who never saw a request counts.

Sources: RFC 792 (echo), RFC 4443 section 4 (echo for IPv6), RFC 1071 (checksum), RFC 791 (the IPv4 header).
"""

from __future__ import annotations

from struct import Struct

ECHO_REQUEST = {4: 8, 6: 128}
ECHO_REPLY = {4: 0, 6: 129}

TOKEN = 8
"""Bytes of random token in each request."""

_HEADER = Struct("!BBHHH")
_IPV4_SHORTEST = 20


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071) of an even number of bytes."""
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Echo:
    """The echo messages of one sweep over one IP version (4 or 6).

    `ident` (16 bits) and `token` (`TOKEN` bytes) are what answers are known by; the sequence number says which try is
    answered. `request` is the message of the first try; a packet that ends with `answer` is a reply to it. IPv6 replies
    never do, as their checksum depends on the addresses: they take the longer way, `attempt`.
    """

    __slots__ = ("version", "ident", "token", "request", "answer")

    def __init__(self, version: int, ident: int, token: bytes) -> None:
        self.version = version
        self.ident = ident
        self.token = token
        self.request = self.request_of(0)
        self.answer = self._message(ECHO_REPLY[version], 0)

    def request_of(self, attempt: int) -> bytes:
        """The request of try number `attempt`, the first being 0; an IPv6 checksum is left to the kernel."""
        return self._message(ECHO_REQUEST[self.version], attempt)

    def attempt(self, packet: bytes) -> int | None:
        """Which try a received packet answers, None if it is no answer to this sweep.

        A raw IPv4 socket delivers the IP header as well, with its options; it is skipped.
        """
        start = _ipv4_header(packet) if self.version == 4 else 0
        return self._sequence(packet[start:], ECHO_REPLY[self.version], TOKEN)

    def quoted(self, request: bytes) -> int | None:
        """Which try an ICMP error is about that quotes `request`; routers may cut the token off (RFC 792: 8 bytes)."""
        return self._sequence(request, ECHO_REQUEST[self.version], 0)

    def _sequence(self, message: bytes, kind: int, needed: int) -> int | None:
        if len(message) < _HEADER.size + needed:
            return None
        got, code, _, ident, sequence = _HEADER.unpack_from(message)
        token = message[_HEADER.size : _HEADER.size + TOKEN]
        ours = got == kind and code == 0 and ident == self.ident and self.token.startswith(token)
        return int(sequence) if ours else None

    def _message(self, kind: int, attempt: int) -> bytes:
        rest = self.token
        blank = _HEADER.pack(kind, 0, 0, self.ident, attempt & 0xFFFF) + rest
        if self.version == 6:
            return blank
        return _HEADER.pack(kind, 0, checksum(blank), self.ident, attempt & 0xFFFF) + rest


def _ipv4_header(packet: bytes) -> int:
    """Bytes of IPv4 header before the message: an echo reply begins with 0, an IPv4 packet with 4 and its length."""
    if len(packet) < _IPV4_SHORTEST or packet[0] >> 4 != 4:
        return 0
    return (packet[0] & 0x0F) * 4
