"""Scrapy's `scrapy.utils.template`: files of new projects, written from templates."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike


def render_templatefile(path: str | PathLike[str], **kwargs: Any) -> None:
    """Fill in the `${names}` of a file; `name.py.tmpl` becomes `name.py`."""
    source = Path(path)
    text = Template(source.read_text(encoding="utf8")).substitute(**kwargs)
    target = source.with_suffix("") if source.suffix == ".tmpl" else source
    target.write_text(text, encoding="utf8")
    if target != source:
        source.unlink()


def string_camelcase(string: str) -> str:
    """`lost-pound` becomes `LostPound`."""
    return re.sub(r"[^a-zA-Z\d]", "", string.title())
