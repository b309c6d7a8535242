"""What is to be scanned: a set of addresses that knows its size and its i-th member, and is never a list.

The one rule: memory follows the number of separate ranges, not of addresses. 10.0.0.0/8 is one range; a million
single addresses are 12 bytes each. Addresses ascend, IPv4 before IPv6, and a zone's after those without one.
"""

from __future__ import annotations

from shoal.errors import UsageError
from shoal.net.addresses import Block, Name, ipv4_text
from shoal.net.expressions import parse
from shoal.net.spans import Pile, columns, difference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Span = tuple[int, int]
    Key = tuple[int, str]

__all__ = ["Block", "Name", "TargetSet", "parse", "reserved"]

RESERVED: dict[int, tuple[tuple[int, int, str], ...]] = {
    4: (
        (0, (1 << 24) - 1, "this network (RFC 791), not a host"),
        (224 << 24, (240 << 24) - 1, "multicast (RFC 5771)"),
        (240 << 24, (1 << 32) - 2, "reserved (RFC 1112)"),
        ((1 << 32) - 1, (1 << 32) - 1, "the limited broadcast address (RFC 919)"),
    ),
    6: (
        (0, 0, "the unspecified address (RFC 4291)"),
        (0xFFFF << 32, (0x10000 << 32) - 1, "an IPv4 address in IPv6 form: write the IPv4 address"),
        (0xFF << 120, (1 << 128) - 1, "multicast (RFC 4291)"),
    ),
}
"""Inclusive ranges that no scan sends to unless told to, by IP version, with the reason."""

ZONELESS = ((0xFE80 << 112, (0xFEC0 << 112) - 1, "link-local: name the interface as well, as in fe80::1%eth0"),)
"""Reserved besides, unless the address has a zone: the kernel cannot know where to send it (RFC 4007 section 6)."""


class Family:
    """The addresses of one IP version and zone: sorted, disjoint ranges.

    `starts[k]` is the first address of range k, `before[k]` how many addresses lie in the ranges before it, with the
    size of all as its last item.
    """

    __slots__ = ("version", "zone", "starts", "before", "size")

    def __init__(self, version: int, zone: str, spans: Iterable[Span], compact: bool = False) -> None:
        self.version = version
        self.zone = zone
        self.starts, self.before = columns(spans, compact)
        self.size = self.before[-1]

    def address(self, index: int) -> str:
        if len(self.starts) == 1:
            return self.text(self.starts[0] + index)
        from _bisect import bisect_right  # 0.2 ms that one range does not need

        at = bisect_right(self.before, index) - 1
        return self.text(self.starts[at] + index - self.before[at])

    def text(self, number: int) -> str:
        if self.version == 4:
            return ipv4_text(number)
        from shoal.net.ipv6 import ipv6_text

        return ipv6_text(number, self.zone)

    def spans(self) -> Iterator[Span]:
        """The ranges as inclusive (first, last) pairs, ascending."""
        before = 0
        for at, start in enumerate(self.starts, 1):
            yield start, start + self.before[at] - before - 1
            before = self.before[at]

    def addresses(self) -> Iterator[str]:
        text = self.text
        for first, last in self.spans():
            for number in range(first, last + 1):
                yield text(number)

    def overlap(self, first: int, last: int) -> Span | None:
        """The lowest piece that this family shares with the range."""
        at = 0
        if len(self.starts) > 1:
            from _bisect import bisect_right

            at = max(0, bisect_right(self.starts, first) - 1)
        while at < len(self.starts) and self.starts[at] <= last:
            end = self.starts[at] + self.before[at + 1] - self.before[at] - 1
            if end >= first:
                return max(first, self.starts[at]), min(last, end)
            at += 1
        return None

    def range_text(self, span: Span) -> str:
        first, last = span
        return self.text(first) if first == last else f"{self.text(first)}-{self.text(last)}"


class TargetSet:
    """The union of blocks, less the excluded ones; each address once.

    `size` is how many addresses there are (it may exceed what `len` can say), `duplicates` how many were named more
    than once. An excluded block without a zone is excluded from every zone.
    """

    __slots__ = ("families", "size", "duplicates")

    def __init__(self, blocks: Iterable[Block] = (), excluded: Iterable[Block] = ()) -> None:
        self.duplicates = 0
        self.families: list[Family] = []
        piles = _piles(blocks)
        unwanted = _piles(excluded)
        for key in sorted(piles):
            self._add_family(key, piles[key], unwanted)
        self.size = sum(family.size for family in self.families)

    def _add_family(self, key: Key, pile: Pile, unwanted: dict[Key, Pile]) -> None:
        version, zone = key
        family = Family(version, zone, pile.union(), pile.compact)
        self.duplicates += pile.count - family.size
        for hole in (key, (version, "")):
            if hole in unwanted:
                family = Family(version, zone, difference(family.spans(), unwanted[hole].union()), pile.compact)
        if family.size:
            self.families.append(family)

    def address(self, index: int) -> str:
        """The text of address `index`, 0 <= index < size, in ascending order. Raises IndexError outside of it."""
        if index >= 0:
            for family in self.families:
                if index < family.size:
                    return family.address(index)
                index -= family.size
        raise IndexError("there is no address of this index")

    def addresses(self, indexes: Iterable[int]) -> list[str]:
        """The texts of several addresses; for one range of IPv4, the usual case, without a call for each."""
        if len(self.families) == 1:
            (family,) = self.families
            if family.version == 4 and len(family.starts) == 1:
                first = family.starts[0]
                numbers = [first + index for index in indexes]
                return [f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in numbers]
        return [self.address(index) for index in indexes]

    def __iter__(self) -> Iterator[str]:
        for family in self.families:
            yield from family.addresses()

    def __bool__(self) -> bool:
        return self.size > 0

    def __contains__(self, address: object) -> bool:
        """Whether a single address, given as text in any form, is one of these."""
        try:
            block = parse(address) if isinstance(address, str) else None
        except UsageError:
            return False
        if not isinstance(block, Block):
            return False
        spans = iter(block.spans)
        first, last = next(spans)
        if first != last or next(spans, None):
            return False
        return any(
            family.version == block.version and family.zone == block.zone and family.overlap(first, first) is not None
            for family in self.families
        )

    def ranges(self) -> Iterator[str]:
        """The set as ascending expressions of the target language: "10.0.0.1-10.0.0.9", "10.0.0.12", ..."""
        for family in self.families:
            for span in family.spans():
                yield family.range_text(span)


def reserved(targets: TargetSet) -> list[tuple[str, str]]:
    """(addresses, reason) for each reserved range that the set reaches into, its lowest piece as the addresses."""
    found = []
    for family in targets.families:
        besides = ZONELESS if family.version == 6 and not family.zone else ()
        for first, last, reason in RESERVED[family.version] + besides:
            span = family.overlap(first, last)
            if span:
                found.append((family.range_text(span), reason))
    return found


def _piles(blocks: Iterable[Block]) -> dict[Key, Pile]:
    """All ranges of the blocks by version and zone, as they came."""
    piles: dict[Key, Pile] = {}
    for block in blocks:
        key = (block.version, block.zone)
        pile = piles.get(key)
        if pile is None:
            pile = piles[key] = Pile(32 if block.version == 4 else 128)
        pile.add(block.spans)
    return piles
