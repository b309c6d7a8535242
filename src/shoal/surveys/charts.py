"""Pictures of what a survey has stored: one HTML file that needs nothing else, SVG, or PNG.

The one rule: a chart is one function from rows to an Altair chart, in a module of its own that is one line of `CHARTS`;
which files, and with which fonts, is said here.
"""

from __future__ import annotations

import os
import subprocess
from importlib import import_module
from shutil import which
from typing import TYPE_CHECKING, Any

from shoal.errors import UsageError
from shoal.output.files import replace_bytes
from shoal.output.pictures import FORMATS, picture, suffix_of
from shoal.surveys.live_line import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoal.store import Schema, Store

# Kind -> the module that has SCHEMA, rows(store, **choice) and chart(rows).
CHARTS = {
    "salaries": "shoal.surveys.salaries.chart",
    "movies": "shoal.surveys.movies.chart",
}
# What other systems have, too; the first that exists is used, and each has Latin letters of its own.
FONTS = "Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Micro Hei, PingFang SC, Microsoft YaHei, sans-serif"
NO_FONT = (
    "no font with Chinese characters is installed here, so they will be missing from the picture; "
    "install one, such as Debian's fonts-wqy-microhei, or draw an .html file and open it elsewhere"
)


def check_chart(files: Iterable[str]) -> None:
    """Raise UsageError for a file that cannot be drawn, before anything else is done."""
    for file in files:
        if suffix_of(file) not in FORMATS:
            raise UsageError(f"{file}: a chart is {', '.join(FORMATS)}")
        folder = os.path.dirname(file) or "."
        if not os.path.isdir(folder):
            raise UsageError(f"{file}: there is no folder {folder}")


def schema_of(kind: str) -> Schema:
    """The tables that a kind of chart is drawn from."""
    schema: Schema = import_module(CHARTS[kind]).SCHEMA
    return schema


def draw(kind: str, store: Store, files: Iterable[str], **choice: Any) -> None:
    """Draw what is stored, into each of the files.

    Raises UsageError when there is nothing to draw, MachineError when a file cannot be written.
    """
    module = import_module(CHARTS[kind])
    rows = module.rows(store, **choice)
    chart = module.chart(rows) if rows else None
    if chart is None:
        raise UsageError(f"{store.name} holds no {kind} that could be drawn")
    chart = styled(chart)
    for file in files:
        suffix = suffix_of(file)
        if suffix != ".html" and not has_chinese_font():
            say(NO_FONT)
        replace_bytes(file, picture(chart, suffix))


def styled(chart: Any) -> Any:
    """The chart with the house's fonts."""
    return chart.configure(font=FONTS, padding=16).configure_title(fontSize=16, anchor="start", offset=12)


def draw_if_any(kind: str, store: Store, files: Iterable[str], **choice: Any) -> None:
    """The same at the end of a survey: one that has found nothing has no chart, and its own status says why."""
    try:
        draw(kind, store, files, **choice)
    except UsageError as nothing:
        say(f"no chart: {nothing}")


def has_chinese_font() -> bool:
    """Whether fontconfig knows a font with Chinese characters; without fontconfig nobody can say, and it is hoped."""
    lister = which("fc-list")
    if lister is None:
        return True
    asked = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False, timeout=60)  # noqa: S603
    return bool(asked.stdout.strip())
