"""Bodies decompressed: gzip, deflate, Brotli, Zstandard.

The one rule: never more than asked for is made, however small the data looks; what could be read of damaged data is
given. Sizes in bytes; a `max_size` of 0 is no limit.
"""

from __future__ import annotations

import zlib
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

from shoal.crawl.gunzip import DecompressedTooLargeError, gunzip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK_SIZE = 65_536

#: Below this a body is never refused for its ratio: pages of a few bytes repeated do exist.
RATIO_FREE = 32 * 1024 * 1024


def decompression_limit(compressed: int, max_size: int, max_ratio: float) -> int:
    """How large a body of `compressed` bytes may become: `max_size`, or `max_ratio` times itself if that is less."""
    if not max_ratio:
        return max_size
    by_ratio = max(RATIO_FREE, int(compressed * max_ratio))
    return min(max_size, by_ratio) if max_size else by_ratio


def _gunzip(data: bytes, max_size: int) -> bytes:
    return gunzip(data, max_size=max_size)


def _inflate(data: bytes, max_size: int) -> bytes:
    """RFC 9110 means zlib's format by "deflate"; some servers mean the bare stream."""
    try:
        return _joined(_inflated(data, zlib.MAX_WBITS), max_size)
    except zlib.error:
        return _joined(_inflated(data, -zlib.MAX_WBITS), max_size)


def _inflated(data: bytes, wbits: int) -> Iterator[bytes]:
    opened = zlib.decompressobj(wbits)
    while data and not opened.eof:
        yield opened.decompress(data, CHUNK_SIZE)
        data = opened.unconsumed_tail


def _unbrotli(data: bytes, max_size: int) -> bytes:
    return _joined(_unbrotlied(data), max_size)


def _unbrotlied(data: bytes) -> Iterator[bytes]:
    opened = _brotli().Decompressor()
    chunk = opened.process(data, output_buffer_limit=CHUNK_SIZE)
    while chunk:
        yield chunk
        if opened.is_finished():
            return
        chunk = opened.process(b"", output_buffer_limit=CHUNK_SIZE)


def _unzstd(data: bytes, max_size: int) -> bytes:
    import zstandard

    reader = zstandard.ZstdDecompressor().stream_reader(BytesIO(data), read_across_frames=True)
    return _joined(iter(lambda: reader.read(CHUNK_SIZE), b""), max_size)


def _joined(chunks: Iterator[bytes], max_size: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if max_size and size > max_size:
            raise DecompressedTooLargeError(size, max_size)
        parts.append(chunk)
    return b"".join(parts)


def _brotli() -> Any:
    return import_module("brotli")


def _can_stop_brotli() -> bool:
    """Whether Brotli is installed in a release that stops at a limit; before 1.2, 34 bytes could become 11 MB."""
    if find_spec("brotli") is None:
        return False
    return hasattr(_brotli().Decompressor, "can_accept_more_data")


#: Content coding (RFC 9110, section 8.4.1) -> what opens it: (data, max_size) -> data.
DECODERS: dict[bytes, Callable[[bytes, int], bytes]] = {
    b"identity": lambda data, _max_size: data,
    b"gzip": _gunzip,
    b"x-gzip": _gunzip,
    b"deflate": _inflate,
}
if _can_stop_brotli():
    DECODERS[b"br"] = _unbrotli
if find_spec("zstandard") is not None:  # which is imported when a body needs it: it brings a dozen modules
    DECODERS[b"zstd"] = _unzstd
#: What we tell servers that we can read.
ACCEPTED = tuple(coding for coding in (b"gzip", b"deflate", b"br", b"zstd") if coding in DECODERS)


def decode_body(data: bytes, codings: list[bytes], max_size: int = 0) -> tuple[bytes, list[bytes]]:
    """The data with its codings undone, from the last one; and the codings that are left, from one we do not know.

    Raises DecompressedTooLargeError beyond `max_size`, and what the libraries raise for data that is none.
    """
    left = list(codings)
    while left and left[-1] in DECODERS:
        data = DECODERS[left.pop()](data, max_size)
    return data, left
