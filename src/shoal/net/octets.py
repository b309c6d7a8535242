"""IPv4 expressions beyond the plain ones: octet lists and ranges, netmasks, and what is wrong with all others.

The one rule: an expression is a product of four sets of octets, cut by an optional netmask; a mistake is reported at
the octet it stands in, with the expression that was probably meant.
"""

from __future__ import annotations

import itertools
import math

from shoal.errors import UsageError
from shoal.net.addresses import Block, ipv4_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Ranges = list[tuple[int, int]]

MOST_SPANS = 1 << 20
"""`10-25.*.*.1` has as many separate ranges; a set of them takes 13 MB, and half a second to build."""


def parse(text: str) -> Block:
    """The block of an IPv4 expression of any form. Raises UsageError."""
    base, slash, mask = text.partition("/")
    places = _places(base)
    if len(places) == 7 and base.count("-") == 1:
        return _full_range(text)
    if len(places) != 4:
        hint = _four_parts_hint(text, base, slash)
        raise UsageError(f"an IPv4 address has 4 parts, this one {len(places)}", text, 0, len(base), hint)
    octets = [_octet(text, start, end) for start, end in places]
    if slash:
        octets = _masked(octets, _prefix(text, len(base) + 1, mask))
    product = Product(octets)
    _check_count(len(product), text)
    return Block(4, product)


class Product:
    """The ranges of addresses made of four octet sets, ascending, made anew each time they are gone through.

    The last set that is not all octets gives the ranges, those before it the values they are repeated for.
    """

    __slots__ = ("leading", "tail", "below")

    def __init__(self, octets: list[Ranges]) -> None:
        last = max((place for place, ranges in enumerate(octets) if ranges != [(0, 255)]), default=0)
        self.below = 8 * (3 - last)
        self.tail = [(low << self.below, (high + 1 << self.below) - 1) for low, high in octets[last]]
        self.leading = [[value for low, high in ranges for value in range(low, high + 1)] for ranges in octets[:last]]

    def __len__(self) -> int:
        return math.prod(map(len, self.leading)) * len(self.tail)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        shift = self.below + 8
        for values in itertools.product(*self.leading):
            base = 0
            for value in values:
                base = base << 8 | value
            base <<= shift
            for first, last in self.tail:
                yield base | first, base | last


def _places(base: str, start: int = 0) -> list[tuple[int, int]]:
    """Where the dotted parts of `base` stand, the first at `start`."""
    places = []
    for part in base.split("."):
        places.append((start, start + len(part)))
        start += len(part) + 1
    return places


def _four_parts_hint(text: str, base: str, slash: str) -> str | None:
    """What was probably meant by an address of more or fewer than four parts."""
    if base.endswith(".") and ipv4_number(base[:-1]) >= 0:
        return base[:-1] + text[len(base) :]
    if "," in base and all(ipv4_number(piece) >= 0 for piece in base.split(",")):
        return base.replace(",", " ")
    missing = ".0" * (3 - base.count("."))
    if missing and ipv4_number(base + missing) >= 0 and (slash or missing == ".0"):
        return base + missing + (text[len(base) :] if slash else "/24")
    return None


def _octet(text: str, start: int, end: int) -> Ranges:
    """The ascending, disjoint ranges of the octet list that is text[start:end]."""
    ranges = []
    for piece in text[start:end].split(","):
        ranges.append(_octet_range(text, start, start + len(piece)))
        start += len(piece) + 1
    return _joined(sorted(ranges))


def _octet_range(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    if piece == "*":
        return 0, 255
    low, dash, high = piece.partition("-")
    first = _octet_value(text, start, start + len(low)) if low or not dash else 0
    if not dash:
        return first, first
    last = _octet_value(text, end - len(high), end) if high else 255
    if first > last:
        hint = f"{text[:start]}{last}-{first}{text[end:]}"
        raise UsageError(f"the range {piece} runs backwards", text, start, end, hint)
    return first, last


def _octet_value(text: str, start: int, end: int) -> int:
    digits = text[start:end]
    if not digits:
        raise UsageError("an octet is missing here", text, start, end)
    if not (digits.isascii() and digits.isdigit()):
        raise UsageError(f"{digits!r} is not an octet: a number from 0 to 255, a range, or *", text, start, end)
    if len(digits) > 1 and digits[0] == "0":
        plain = text[:start] + (digits.lstrip("0") or "0") + text[end:]
        raise UsageError(f"{digits} is ambiguous: some read a leading zero as octal", text, start, end, plain)
    if len(digits) > 3 or int(digits) > 255:
        raise UsageError(f"{digits} is too large: an octet is at most 255", text, start, end)
    return int(digits)


def _full_range(text: str) -> Block:
    """`a-b` that is not two plain ascending addresses: always a mistake, named as exactly as possible."""
    first, _, last = text.partition("-")
    for base, offset in ((first, 0), (last, len(first) + 1)):
        if ipv4_number(base) < 0:
            for start, end in _places(base, offset):
                _octet_value(text, start, end)
            raise UsageError("a range goes from one plain address to another", text, offset, offset + len(base))
    raise UsageError("this range runs backwards", text, hint=f"{last}-{first}")


def _prefix(text: str, start: int, mask: str) -> int:
    """The prefix length that stands behind the slash, as a number or as a netmask."""
    if mask.isascii() and mask.isdigit() and len(mask) <= 3 and int(mask) <= 32:
        return int(mask)
    number = ipv4_number(mask)
    if number < 0:
        raise UsageError("the prefix length after / must be a number from 0 to 32, or a netmask", text, start)
    hosts = number ^ 0xFFFFFFFF
    if hosts & hosts + 1:
        raise UsageError("a netmask has all its ones before its zeros, as 255.255.255.0 has", text, start)
    return 32 - hosts.bit_length()


def _masked(octets: list[Ranges], prefix: int) -> list[Ranges]:
    """The octets of the networks around the addresses: a netmask cuts each octet by itself."""
    cut = []
    for place, ranges in enumerate(octets):
        rest = 255 >> min(8, max(0, prefix - 8 * place))
        cut.append(_joined((low & ~rest, high | rest) for low, high in ranges))
    return cut


def _joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Ascending ranges with those that touch or overlap made one."""
    joined: Ranges = []
    for low, high in ranges:
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return joined


def _check_count(count: int, text: str) -> None:
    if count > MOST_SPANS:
        raise UsageError(
            f"this splits into {count:,} separate ranges, more than the {MOST_SPANS:,} that can be held at once; "
            "scan it in parts",
            text,
        )
