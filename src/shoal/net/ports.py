"""The port language: "22,80,8000-8099,http*,top:100" becomes a sorted set of TCP ports.

The one rule: an expression means exactly the ports it names, each once, or it is an error that says where it went
wrong; nothing is dropped in silence. Numbers and ranges need no data file; names and `top:N` load theirs.
"""

from __future__ import annotations

from shoal.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LAST = 65_535
NUMERIC = frozenset("0123456789-")
NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+*?/")
OTHER_PROTOCOLS = {"U": "UDP", "S": "SCTP", "P": "IP protocols"}


class PortSet:
    """Ascending port numbers, each once; a sequence whose items are best taken from `numbers`, a range or a tuple."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers: Sequence[int] = numbers if isinstance(numbers, range) else tuple(sorted(set(numbers)))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> int:
        return self.numbers[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def __contains__(self, port: object) -> bool:
        return port in self.numbers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PortSet) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PortSet({self.text()!r})"

    def text(self) -> str:
        """The shortest expression of the set: "1-21,23"."""
        return compress(self.numbers)


def compress(ports: Sequence[int]) -> str:
    """Ascending ports as an expression: [1, 2, 3, 5] is "1-3,5"."""
    if isinstance(ports, range):
        return _range_text(ports[0], ports[-1]) if ports else ""
    pieces = []
    start = end = -2
    for port in ports:
        if port != end + 1:
            if end >= 0:
                pieces.append(_range_text(start, end))
            start = port
        end = port
    if end >= 0:
        pieces.append(_range_text(start, end))
    return ",".join(pieces)


def parse_ports(text: str, exclude: str = "") -> PortSet:
    """The ports of an expression without the excluded ones. Raises UsageError, also when no port is left."""
    ranges = _ranges(text)
    if len(ranges) == 1 and not exclude:
        return PortSet(ranges[0])
    unwanted: set[int] = set().union(*_ranges(exclude)) if exclude else set()
    ports = PortSet(set().union(*ranges) - unwanted)
    if not ports:
        raise UsageError("no port is left to scan: all are excluded", exclude)
    return ports


def _range_text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _ranges(text: str) -> list[range]:
    """The ranges of a comma-separated list; one comma at the very end is allowed."""
    if not text.strip():
        raise UsageError("the list of ports is empty")
    if not text.isprintable():
        raise UsageError("a list of ports cannot have control characters", ascii(text)[1:-1])
    ranges: list[range] = []
    start = 0
    for word in text.split(","):
        end = start + len(word)
        if word.strip():
            ranges += _word(text, start + len(word) - len(word.lstrip()), start + len(word.rstrip()))
        elif end < len(text) or not ranges:
            raise UsageError("a port is missing here", text, start, end)
        start = end + 1
    return ranges


def _word(text: str, start: int, end: int) -> list[range]:
    """The ranges that text[start:end] stands for: a number, a range, a name, or top:N, after an optional T:."""
    if text[start + 1 : start + 2] == ":":
        start = _after_protocol(text, start, end)
    word = text[start:end]
    if NUMERIC.issuperset(word):
        return [_number_range(text, start, end)]
    if word[:4].lower() == "top:":
        return [range(port, port + 1) for port in _top(text, start, end)]
    return [range(port, port + 1) for port in _named(text, start, end)]


def _after_protocol(text: str, start: int, end: int) -> int:
    """Where the word goes on after T:, the only protocol that is scanned."""
    protocol = text[start].upper()
    if protocol != "T":
        scanned = f"{OTHER_PROTOCOLS[protocol]} is" if protocol in OTHER_PROTOCOLS else f"protocol {protocol} is"
        raise UsageError(f"{scanned} not scanned, only TCP", text, start, end, text[:start] + text[start + 2 :])
    if start + 2 == end:
        raise UsageError("a port is missing here", text, start, end)
    return start + 2


def _number_range(text: str, start: int, end: int) -> range:
    """`80`, `80-90`, and with open ends `-90` (from 1), `80-` (to 65535) and `-` (1 to 65535)."""
    word = text[start:end]
    low, dash, high = word.partition("-")
    first = _number(text, start, start + len(low)) if low else 1
    if not dash:
        return range(first, first + 1)
    last = _number(text, end - len(high), end) if high else LAST
    if first > last:
        hint = f"{text[:start]}{last}-{first}{text[end:]}"
        raise UsageError(f"the range {word} runs backwards", text, start, end, hint)
    return range(first, last + 1)


def _number(text: str, start: int, end: int) -> int:
    digits = text[start:end]
    if "-" in digits:
        raise UsageError("a range has one dash", text, start, end)
    if len(digits) > 9 or int(digits) > LAST:
        raise UsageError(f"{digits[:12]} is too large: the last port is {LAST}", text, start, end)
    return int(digits)


def _top(text: str, start: int, end: int) -> Sequence[int]:
    from shoal.net import popular

    count = text[start + 4 : end]
    most = len(popular.ports())
    if not (count.isascii() and count.isdigit()) or len(count) > 5 or not 1 <= int(count) <= most:
        raise UsageError(f"top: is followed by how many ports, from 1 to {most}", text, start, end)
    return popular.ports()[: int(count)]


def _named(text: str, start: int, end: int) -> Sequence[int]:
    """The ports of a service name, which may be several, or of all names that match a pattern with * or ?."""
    from shoal.net import popular, services

    word = text[start:end]
    if not NAME_CHARACTERS.issuperset(word):
        raise UsageError(f"{word!r} is neither a port, a range of ports, nor a service name", text, start, end)
    found = services.ports(word)
    if not found:
        near = popular.similar(word)
        hint = text[:start] + near + text[end:] if near else None
        raise UsageError(f"no TCP service is named {word!r} in the IANA registry", text, start, end, hint)
    return found
