"""What a file is, by what is in it: its format, its size in pixels, whether it is whole; and its thumbnail.

The one rule: neither names nor headers are believed. A file is a picture when its first bytes say so, Pillow reads it
as the same format, and all of it can be decoded within a limit of pixels.
"""

from __future__ import annotations

import os
from threading import get_ident
from typing import TYPE_CHECKING, NamedTuple

from shoal.errors import MachineError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

MOST_PIXELS = 60_000_000
"""Decoded, that is up to 240 MB."""
HEAD = 32

# Where in a file which bytes stand, Pillow's name of the format, and the suffix a file of it gets.
_MARKS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG", "png"),
    (0, b"\xff\xd8\xff", "JPEG", "jpg"),
    (0, b"GIF8", "GIF", "gif"),
    (8, b"WEBP", "WEBP", "webp"),
    (0, b"BM", "BMP", "bmp"),
    (0, b"II*\x00", "TIFF", "tif"),
    (0, b"MM\x00*", "TIFF", "tif"),
    (0, b"\x00\x00\x01\x00", "ICO", "ico"),
    (4, b"ftypavif", "AVIF", "avif"),
)


class NotAPicture(Exception):  # noqa: N818  what happens to a file is no error of ours
    """The reason as a clause."""


class Picture(NamedTuple):
    """A whole picture: Pillow's name of its format, the suffix for its file, width and height in pixels."""

    form: str
    suffix: str
    width: int
    height: int


def form_of(head: bytes) -> tuple[str, str]:
    """Format and suffix by the first bytes. Raises NotAPicture, which says what it seems to be instead."""
    for start, mark, form, suffix in _MARKS:
        if head[start : start + len(mark)] == mark:
            return form, suffix
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<body")):
        raise NotAPicture("a page of HTML, not a picture")
    if text.startswith((b"<svg", b"<?xml")):
        raise NotAPicture("a drawing in XML (SVG), which is not stored")
    raise NotAPicture("not a picture of a known format")


def form_of_file(path: Path) -> tuple[str, str]:
    """The same of a file."""
    with path.open("rb") as file:
        return form_of(file.read(HEAD))


def examine(path: Path, thumbnail: Path | None = None, side: int = 0) -> Picture:
    """Read all of a picture, and write a JPEG of at most `side` x `side` pixels to `thumbnail`, if there is one.

    Raises NotAPicture for what is none or breaks off, MachineError when Pillow is not installed or the disk is full.
    """
    form, suffix = form_of_file(path)
    image_module, ops = _pillow()
    try:
        with image_module.open(path, formats=[form]) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise NotAPicture(f"{width} x {height} pixels, which is more than is decoded")
            if thumbnail is None:
                image.load()
            else:
                image.thumbnail((side, side))
                small = _on_white(image_module, ops.exif_transpose(image))
    except (image_module.DecompressionBombError, image_module.DecompressionBombWarning):
        raise NotAPicture("more pixels than are decoded") from None
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, OverflowError) as problem:
        raise NotAPicture(f"broken: {' '.join(str(problem).split())[:120] or 'it cannot be read'}") from None
    if thumbnail is not None:
        _write(small, thumbnail)
    return Picture(form, suffix, width, height)


def _pillow() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise MachineError(
            "the image survey needs Pillow, which is not installed: pip install 'shoal[survey]'"
        ) from None
    return Image, ImageOps


def _on_white(image_module: Any, image: Any) -> Any:
    """The picture as a JPEG can hold it: without transparency."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = image_module.new("RGBA", clear.size, (255, 255, 255, 255))
    return image_module.alpha_composite(white, clear).convert("RGB")


def _write(image: Any, target: Path) -> None:
    """Write a thumbnail; it appears under its name when it is whole. Workers may be at the same one at once."""
    part = target.with_name(f".{target.name}.{os.getpid()}.{get_ident()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        image.save(part, "JPEG", quality=85)
        part.replace(target)
    except OSError as problem:
        raise MachineError.from_os(f"write {target}", problem) from None
