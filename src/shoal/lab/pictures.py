"""Pictures for practice sites: small ones that look like something, and those a careful program must refuse.

The one rule: the same arguments give the same bytes. Pillow draws them; a machine without it is told so in a sentence.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING

from shoal.errors import MachineError

if TYPE_CHECKING:
    from typing import Any

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
SUFFIXES = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp"}


def _pillow() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        raise MachineError(
            "practice pictures need Pillow, which is not installed: pip install 'shoal[images]'"
        ) from None
    return Image, ImageDraw


@lru_cache(256)
def draw(kind: str, width: int, height: int, seed: int) -> bytes:
    """A picture of a sea and a few boats; `kind` is one of FORMATS, the size is in pixels."""
    image_module, draw_module = _pillow()
    dice = Random(f"{kind} {width} {height} {seed}")
    image = image_module.new("RGB", (width, height), tuple(dice.randrange(140, 255) for _ in range(3)))
    pen = draw_module.Draw(image)
    pen.rectangle((0, height * dice.uniform(0.4, 0.7), width, height), fill=(20, dice.randrange(60, 140), 170))
    for _ in range(dice.randint(2, 7)):
        left, top = dice.randrange(width), dice.randrange(height // 3, height)
        size = max(2, width // dice.randint(6, 14))
        boat = ((left, top), (left + size, top), (left + size // 2, top - size))
        pen.polygon(boat, fill=tuple(dice.randrange(256) for _ in range(3)))
    contents = BytesIO()
    image.save(contents, kind)
    return contents.getvalue()


@lru_cache(4)
def draw_huge(size: int) -> bytes:
    """A valid PNG of about that many bytes, stored without compression: noise cannot be told from it by its length."""
    image_module, _ = _pillow()
    side = max(16, int((size / 3) ** 0.5))
    contents = BytesIO()
    image_module.new("RGB", (side, side), (10, 60, 120)).save(contents, "PNG", compress_level=0)
    return contents.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it has `side` x `side` pixels."""
    head = side.to_bytes(4, "big") * 2 + bytes((1, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(64))) + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


#: What a page shows before a picture is loaded: one grey pixel.
LOADING = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", (1).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0)))
    + _chunk(b"IDAT", zlib.compress(bytes((0, 200))))
    + _chunk(b"IEND", b"")
)
