"""Which encoding a text without declaration is in, and how bytes become text.

The one rule: what is valid ASCII or UTF-8 is that; only for the rest is anything guessed.
"""

from __future__ import annotations

from w3lib.encoding import html_to_unicode, resolve_encoding, to_unicode

# Enough to tell languages apart, and little enough not to be felt: the detector's time grows with it.
_SAMPLE = 32 * 1024
_LAST_RESORT = "cp1252"
# The WHATWG's Encoding Standard knows these marks alone: FF FE is UTF-16 whatever follows, and never UTF-32.
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
# What w3lib takes for a mark of UTF-32.
_NO_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")

# In these, a body of ASCII bytes says what the text it decodes to says; in ISO-2022-JP or UTF-16 it does not.
ASCII_IS_ASCII = frozenset({"utf-8", "ascii", "cp1252", "iso8859-1", "latin-1", "gb18030", "cp1251", "iso8859-15"})


def infer_encoding(body: bytes, default: str) -> str:
    """The encoding that `body` seems to be in; ASCII counts as `default`, by its web name (cp1252 for ascii)."""
    if body.isascii():
        return resolve_encoding(default) or default
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return _detected(body) or _LAST_RESORT
    return "utf-8"


def marked_encoding(body: bytes) -> str | None:
    """The encoding that the byte order mark names; None where there is none."""
    return next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)


def _detected(body: bytes) -> str | None:
    """What charset-normalizer makes of it; None when it is not installed or has no idea."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return None
    best = from_bytes(body[:_SAMPLE]).best()
    if best is None or best.encoding == "ascii":
        return None
    return resolve_encoding(best.encoding) or best.encoding


def decode(body: bytes, encoding: str) -> str:
    """`body` as text without its byte order mark; bytes that `encoding` does not know become U+FFFD."""
    if encoding == "utf-8" and not body.startswith(b"\xef\xbb\xbf"):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if body.startswith(_NO_MARKS):
        return to_unicode(body[2:], "utf-16-le") if body[0] else to_unicode(body, encoding)
    return html_to_unicode(f"charset={encoding}", body)[1]
