"""Pictures of what a survey has stored: one HTML file that needs nothing else, SVG, or PNG.

The one rule: a chart is one function from rows to an Altair chart, in a module of its own that is named in `CHARTS`;
files, formats and fonts are here.
"""

from __future__ import annotations

import json
import os
import subprocess
from importlib import import_module
from shutil import which
from typing import TYPE_CHECKING, Any

from shoal.errors import UsageError
from shoal.output.files import replace_bytes
from shoal.surveys.live_line import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoal.store import Schema, Store

# Kind -> the module that has SCHEMA, rows(store, **choice) and chart(rows).
CHARTS = {
    "salaries": "shoal.surveys.salaries.chart",
    "movies": "shoal.surveys.movies.chart",
}
FORMATS = (".html", ".svg", ".png")
# What other systems have, too; the first that exists is used, and each has Latin letters of its own.
FONTS = "Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Micro Hei, PingFang SC, Microsoft YaHei, sans-serif"
NO_FONT = (
    "no font with Chinese characters is installed here, so they will be missing from the picture; "
    "install one, such as Debian's fonts-wqy-microhei, or draw an .html file and open it elsewhere"
)
_BIG = 2.0  # pixels of a PNG for each of the chart


def check_chart(files: Iterable[str]) -> None:
    """Raise UsageError for a file that cannot be drawn, before anything else is done."""
    for file in files:
        if os.path.splitext(file)[1].lower() not in FORMATS:
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
        replace_bytes(file, _picture(chart, os.path.splitext(file)[1].lower()))


def styled(chart: Any) -> Any:
    """The chart with the house's fonts."""
    return chart.configure(font=FONTS, padding=16).configure_title(fontSize=16, anchor="start", offset=12)


def draw_if_any(kind: str, store: Store, files: Iterable[str], **choice: Any) -> None:
    """The same at the end of a survey: one that has found nothing has no chart, and its own status says why."""
    try:
        draw(kind, store, files, **choice)
    except UsageError as nothing:
        say(f"no chart: {nothing}")


def _picture(chart: Any, suffix: str) -> bytes:
    if suffix == ".html":
        options = {"renderer": "svg", "actions": {"export": True, "source": False, "compiled": False, "editor": False}}
        text: str = chart.to_html(inline=True, embed_options=options, json_kwds={"cls": _ForScript})
        return text.encode("utf-8", "replace")
    import vl_convert

    if not has_chinese_font():
        say(NO_FONT)
    if suffix == ".svg":
        svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
        return svg.encode("utf-8", "replace")
    png: bytes = vl_convert.vegalite_to_png(chart.to_dict(), scale=_BIG)
    return png


class _ForScript(json.JSONEncoder):
    """JSON that may stand in a script of a page: what a site calls a job cannot end the script."""

    def encode(self, o: Any) -> str:
        """With "<" only by its number; in JSON it stands in texts alone."""
        return super().encode(o).replace("<", "\\u003c")


def has_chinese_font() -> bool:
    """Whether fontconfig knows a font with Chinese characters; without fontconfig nobody can say, and it is hoped."""
    lister = which("fc-list")
    if lister is None:
        return True
    asked = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False, timeout=60)  # noqa: S603
    return bool(asked.stdout.strip())
