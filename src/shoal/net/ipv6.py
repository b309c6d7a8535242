"""IPv6 expressions: addresses, prefixes, ranges and zones, read and written without `ipaddress` (4 ms to import).

The one rule: text is read as in RFC 4291 section 2.2 and written as in RFC 5952, zones as in RFC 4007 section 11.
"""

from __future__ import annotations

from shoal.errors import UsageError
from shoal.net.addresses import HEX_DIGITS, Block, ipv4_number, ipv4_text

MAPPED = 0xFFFF
"""The upper 96 bits of ::ffff:0:0/96, IPv4-mapped addresses; RFC 5952 section 5 writes them with a dotted end."""

ZONE_FORBIDDEN = frozenset("%/,[] ")


def parse(text: str) -> Block:
    """The block of one IPv6 expression. Raises UsageError."""
    if "/" in text:
        return _network(text)
    dash = _dash(text)
    return _range(text, dash) if dash >= 0 else _single(text)


def ipv6_number(text: str) -> int:
    """The number of an IPv6 address without a zone, -1 if the text is anything else."""
    head, double, tail = text.partition("::")
    before = _groups(head) if head else []
    after = _groups(tail) if tail else []
    if before is None or after is None or (double and "." in head):
        return -1
    missing = 8 - len(before) - len(after)
    if missing < 1 if double else missing:
        return -1
    number = 0
    for group in before + [0] * missing + after:
        number = number << 16 | group
    return number


def ipv6_text(number: int, zone: str = "") -> str:
    """The canonical text of an address: the longest run of zero groups, the first of equals, becomes `::`."""
    suffix = f"%{zone}" if zone else ""
    if number >> 32 == MAPPED:
        return f"::ffff:{ipv4_text(number & 0xFFFFFFFF)}{suffix}"
    groups = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -16, -16)]
    start, end = _longest_zeros(groups)
    if end - start < 2:
        return ":".join(groups) + suffix
    return ":".join(groups[:start]) + "::" + ":".join(groups[end:]) + suffix


def _longest_zeros(groups: list[str]) -> tuple[int, int]:
    longest = (0, 0)
    start = 0
    for end in range(9):
        if end == 8 or groups[end] != "0":
            if end - start > longest[1] - longest[0]:
                longest = (start, end)
            start = end + 1
    return longest


def _groups(text: str) -> list[int] | None:
    """The 16-bit groups of a part of an address; the last two may be written as an IPv4 address."""
    parts = text.split(":")
    ending: list[int] = []
    if "." in parts[-1]:
        number = ipv4_number(parts.pop())
        if number < 0:
            return None
        ending = [number >> 16, number & 0xFFFF]
    if not all(_is_group(part) for part in parts):
        return None
    return [int(part, 16) for part in parts] + ending


def _is_group(part: str) -> bool:
    return 1 <= len(part) <= 4 and HEX_DIGITS.issuperset(part)


def _dash(text: str) -> int:
    """Where the dash of a range stands, -1 without one: zones such as br-lan have dashes of their own.

    Before a zone, what follows the dash may be a last group alone; within one, only a whole address ends a range.
    """
    at = text.find("-")
    while at >= 0:
        end = text[at + 1 :].partition("%")[0]
        if "%" not in text[:at] or ipv6_number(end) >= 0:
            return at
        at = text.find("-", at + 1)
    return -1


def _address(text: str, start: int, end: int) -> tuple[int, str]:
    """Number and zone of the single address text[start:end]."""
    written, percent, _ = text[start:end].partition("%")
    number = ipv6_number(written)
    if number < 0:
        raise _explained(text, start, start + len(written))
    return number, _zone(text, start + len(written), end) if percent else ""


def _zone(text: str, percent: int, end: int) -> str:
    zone = text[percent + 1 : end]
    if not zone or not zone.isprintable() or not zone.isascii() or ZONE_FORBIDDEN.intersection(zone):
        raise UsageError("the zone after % must be the name or number of an interface", text, percent, end)
    return zone


def _single(text: str) -> Block:
    number, zone = _address(text, 0, len(text))
    return Block(6, ((number, number),), zone)


def _network(text: str) -> Block:
    base, _, prefix = text.partition("/")
    number, zone = _address(text, 0, len(base))
    if not (prefix.isascii() and prefix.isdigit()) or len(prefix) > 3 or int(prefix) > 128:
        raise UsageError("the prefix length after / must be a number from 0 to 128", text, len(base) + 1)
    rest = (1 << 128 - int(prefix)) - 1
    return Block(6, ((number & ~rest, number | rest),), zone)


def _range(text: str, dash: int) -> Block:
    """`a-b`, or the short form whose end is only a last group: 2001:db8::1-ff."""
    first, zone = _address(text, 0, dash)
    short, percent, _ = text[dash + 1 :].partition("%")
    if _is_group(short):
        last = first >> 16 << 16 | int(short, 16)
        last_zone = _zone(text, dash + 1 + len(short), len(text)) if percent else ""
    else:
        last, last_zone = _address(text, dash + 1, len(text))
    if zone and last_zone and zone != last_zone:
        raise UsageError("both ends of a range must be in the same zone", text, dash + 1)
    if first > last:
        zone = zone or last_zone
        raise UsageError("this range runs backwards", text, hint=f"{ipv6_text(last, zone)}-{ipv6_text(first, zone)}")
    return Block(6, ((first, last),), zone or last_zone)


def _explained(text: str, start: int, end: int) -> UsageError:
    """Why text[start:end] is not an IPv6 address, at the group that is wrong where there is one."""
    written = text[start:end]
    at = start
    for part in written.split(":"):
        if part and not _is_group(part) and ipv4_number(part) < 0:
            return UsageError(f"{part!r} is not a group: up to four hexadecimal digits", text, at, at + len(part))
        at += len(part) + 1
    if written.count("::") > 1 or ":::" in written:
        return UsageError("an IPv6 address may have :: only once", text, start, end)
    return UsageError("an IPv6 address has 8 groups of up to four hexadecimal digits, or ::", text, start, end)
