"""What an expression comes to: a block of addresses, or a name that is still to be resolved.

The one rule: an address is a number with a version and a zone; its text is made only for people and sockets.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


class Block:
    """Addresses of one IP version and zone: `spans` are ascending, disjoint, inclusive (first, last) numbers.

    `version` is 4 or 6; `zone` is the part after % of an IPv6 address, "" without one.
    """

    __slots__ = ("version", "zone", "spans")

    def __init__(self, version: int, spans: Iterable[tuple[int, int]], zone: str = "") -> None:
        self.version = version
        self.spans = spans
        self.zone = zone


class Name:
    """A name still to be resolved: as written (`text`), and in ASCII as it is looked up (`host`).

    With `prefix`, it means the networks of that size around its addresses.
    """

    __slots__ = ("text", "host", "prefix")

    def __init__(self, text: str, host: str, prefix: int | None = None) -> None:
        self.text = text
        self.host = host
        self.prefix = prefix


def ipv4_number(text: str) -> int:
    """The number of a dotted IPv4 address, -1 if the text is anything else (leading zeros are ambiguous: -1)."""
    parts = text.split(".")
    if len(parts) != 4 or not text.isascii():
        return -1
    number = 0
    for part in parts:
        if not part.isdigit() or len(part) > 3 or (part[0] == "0" and part != "0"):
            return -1
        octet = int(part)
        if octet > 255:
            return -1
        number = number << 8 | octet
    return number


def ipv4_text(number: int) -> str:
    """The dotted form of an IPv4 address."""
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
