r"""Text from the network, from names and from the command line, made harmless for the eye that reads it.

The one rule: what cannot be seen is written out. Control characters, escape sequences, bidirectional overrides,
zero-width and unassigned characters and bytes that are not UTF-8 become \xNN or \uNNNN, so that no text can move the
cursor, colour the screen, reverse a line or hide a part of itself, and no document is made invalid by it.
"""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def visible(text: str) -> str:
    """The text with every character that is not printable, in the sense of Unicode, written as an escape."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def encodable(text: str) -> str:
    r"""The text with bytes that were not UTF-8 (PEP 383) and lone surrogates written as \xNN and \uNNNN."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_escape(character) if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def cell(text: str) -> str:
    """The text as a spreadsheet may read it: visible, and never the beginning of a formula (CWE-1236)."""
    return "'" + visible(text) if text.startswith(_FORMULA) else visible(text)


def xml(text: str) -> str:
    """The text as it stands in an XML 1.0 attribute or element: visible, markup escaped."""
    text = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&apos;")


def _escape(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
