"""Which encoding a text without declaration is in, and how bytes become text.

The one rule: what is valid ASCII or UTF-8 is that; only for the rest is anything guessed.
"""

from __future__ import annotations

from w3lib.encoding import html_to_unicode, resolve_encoding

# Enough to tell languages apart, and little enough not to be felt: the detector's time grows with it.
_SAMPLE = 32 * 1024
_LAST_RESORT = "cp1252"


def infer_encoding(body: bytes, default: str) -> str:
    """The encoding that `body` seems to be in; ASCII counts as `default`, by its web name (cp1252 for ascii)."""
    if body.isascii():
        return resolve_encoding(default) or default
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return _detected(body) or _LAST_RESORT
    return "utf-8"


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
    return html_to_unicode(f"charset={encoding}", body)[1]
