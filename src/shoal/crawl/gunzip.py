"""gzip data opened, as far as it goes.

The one rule: what could be read is given, even when the end is missing or damaged; never more than asked for.
"""

from __future__ import annotations

import zlib
from gzip import BadGzipFile, GzipFile
from io import BytesIO

_CHUNK = 8196
_MAGIC = b"\x1f\x8b"


class DecompressedTooLargeError(ValueError):
    """The data holds more bytes than the caller allows; it was left at `decompressed_size` of them."""

    def __init__(self, decompressed_size: int, max_size: int) -> None:
        super().__init__(
            f"The number of bytes decompressed so far ({decompressed_size} B) "
            f"exceeded the specified maximum ({max_size} B)."
        )
        self.decompressed_size = decompressed_size


def gunzip(data: bytes, *, max_size: int = 0) -> bytes:
    """`data` decompressed; damaged data up to where it is damaged.

    Raises BadGzipFile, EOFError or zlib.error when nothing can be read; DecompressedTooLargeError as soon as there
    are more than `max_size` bytes (0: no limit).
    """
    chunks: list[bytes] = []
    size = 0
    with GzipFile(fileobj=BytesIO(data)) as file:
        while True:
            try:
                chunk = file.read1(_CHUNK)
            except (BadGzipFile, EOFError, zlib.error):
                if not chunks:
                    raise
                break
            if not chunk:
                break
            size += len(chunk)
            if max_size and size > max_size:
                raise DecompressedTooLargeError(size, max_size)
            chunks.append(chunk)
    return b"".join(chunks)


def is_gzip(data: bytes) -> bool:
    """Whether `data` begins as gzip does (RFC 1952)."""
    return data.startswith(_MAGIC)
