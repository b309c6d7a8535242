"""The target language: one expression becomes a block of addresses, or a name to be resolved.

The one rule: whatever looks like an address is an address or an error, never a name. A mistyped address must not be
sent to a name server, and must not reach inet_aton(3), which takes "127.1", "2130706433" and "0x7f.1" for 127.0.0.1.

    10.0.0.1  2001:db8::1  fe80::1%eth0         one address
    10.0.0.0/24  2001:db8::/64  10.0.0.0/255.255.255.0
    10.0-1.*.1,3  192.168.0.-5  192.168.0.250-  lists and ranges of octets, ends left open
    10.0.0.250-10.0.1.5  ::1-::ff  2001:db8::1-ff
    example.org  example.org/24                 names

The forms asked for most are read here; the others, and the explanation of mistakes, are loaded when they are met.
"""

from __future__ import annotations

from shoal.errors import UsageError
from shoal.net.addresses import HEX_DIGITS, Block, Name, ipv4_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

LONGEST_TEXT = 400
ADDRESS_CHARACTERS = frozenset("0123456789.,-*/")
NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def parse(text: str) -> Block | Name:
    """What one expression means. Raises UsageError with the place of the mistake."""
    first, dash, last = text.partition("-")
    start = ipv4_number(first)
    if start >= 0:
        end = ipv4_number(last) if dash else start
        if start <= end:
            return Block(4, ((start, end),))
    return _parse_cidr(text) or _parse_rest(text)


def _parse_cidr(text: str) -> Block | None:
    base, _, prefix = text.partition("/")
    number = ipv4_number(base)
    if number < 0 or not (prefix.isascii() and prefix.isdigit()) or len(prefix) > 2 or int(prefix) > 32:
        return None
    rest = (1 << 32 - int(prefix)) - 1
    return Block(4, ((number & ~rest, number | rest),))


def _parse_rest(text: str) -> Block | Name:
    if not text.strip():
        raise UsageError("a target is empty")
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"this is too long to be a target ({len(text):,} characters)", text[:60] + "...")
    if not text.isprintable():
        raise UsageError("a target cannot have control characters", ascii(text)[1:-1])
    if "://" in text:
        raise _not_a_url(text)
    if ":" in text:
        if "[" in text or _is_host_and_port(text):
            raise _not_host_and_port(text)
        from shoal.net import ipv6

        return ipv6.parse(text)
    if _looks_like_ipv4(text):
        from shoal.net import octets

        return octets.parse(text)
    return _parse_name(text)


def _looks_like_ipv4(text: str) -> bool:
    """Whether this must never be looked up: only address characters, or labels that only numbers stand in."""
    if ADDRESS_CHARACTERS.issuperset(text):
        return True
    labels = text.partition("/")[0].removesuffix(".").split(".")
    last = labels[-1].lower()
    if last.isdigit() or (last.startswith("0x") and HEX_DIGITS.issuperset(last[2:])):
        return True
    return len(labels) == 4 and all(label and ADDRESS_CHARACTERS.issuperset(label) for label in labels[:3])


def _parse_name(text: str) -> Name:
    written, slash, prefix = text.partition("/")
    _check_name(text, written)
    host = written if written.isascii() else _in_ascii(text, written)
    if not slash:
        return Name(text, host)
    if not (prefix.isascii() and prefix.isdigit()) or len(prefix) > 3 or int(prefix) > 128:
        raise UsageError(
            "the prefix length after / must be a number from 0 to 32 (IPv4) or 33 to 128 (IPv6)", text, len(written) + 1
        )
    return Name(text, host, int(prefix))


def _check_name(text: str, host: str) -> None:
    """A host name as in RFC 1123, underscores let through; letters beyond ASCII are left to IDNA."""
    for place, character in enumerate(host):
        if character not in NAME_CHARACTERS and (character.isascii() or not character.isalpha()):
            hint = likely(text.replace(",", " ")) if character == "," else None
            raise UsageError(f"{character!r} cannot stand in a name or an address", text, place, place + 1, hint)
    start = 0
    for label in host.removesuffix(".").split("."):
        end = start + len(label)
        if not label or len(label) > 63 or label[0] == "-" or label[-1] == "-":
            problem = "is empty" if not label else "is longer than 63" if len(label) > 63 else "begins or ends with -"
            raise UsageError(f"a part of this name {problem}", text, start, end)
        start = end + 1
    if len(host) > 253:
        raise UsageError(f"a name has at most 253 characters, this one {len(host)}", text)


def _in_ascii(text: str, written: str) -> str:
    """An international name as it is looked up (IDNA, RFC 3490), which may turn out to be an address in disguise."""
    try:
        host = written.encode("idna").decode("ascii")
    except UnicodeError:
        raise UsageError("this cannot be a name: IDNA has no form for it", text, 0, len(written)) from None
    if _looks_like_ipv4(host):
        raise UsageError("this name would be looked up as an address", text, 0, len(written), host)
    return host


def _not_a_url(text: str) -> UsageError:
    start = text.index("://") + 3
    host = text[start:].partition("/")[0].rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        host = name
    return UsageError("a target is an address or a name, not a URL", text, 0, start, likely(host.strip("[]")))


def likely(hint: str) -> str | None:
    """The hint, if each word of it is a plain address or name: a suggestion that is wrong again helps nobody."""
    return hint if hint and all(map(_is_plain, hint.split(" "))) else None


def _is_plain(word: str) -> bool:
    if ":" in word:
        from shoal.net.ipv6 import ipv6_number

        return ipv6_number(word) >= 0
    if _looks_like_ipv4(word):
        return ipv4_number(word) >= 0
    return NAME_CHARACTERS.issuperset(word) and ".." not in word and word[:1] not in {"", ".", "-"}


def _is_host_and_port(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return text.count(":") == 1 and bool(host) and port.isdigit()


def _not_host_and_port(text: str) -> UsageError:
    bracketed = text.startswith("[")
    host = text[1:].partition("]")[0] if bracketed else text.partition(":")[0]
    start = len(host) + 2 if bracketed else len(host)
    message = "a target has no brackets and no port; ports are given with -p"
    return UsageError(message, text, min(start, len(text)), len(text), likely(host))
