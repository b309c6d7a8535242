"""A chart as the bytes of a file: an HTML page, SVG, or PNG, by the file's suffix.

The one rule: a page carries its script and asks the network for nothing, and what stands in its data cannot end that
script.
"""

from __future__ import annotations

import json
import os
from typing import Any

FORMATS = (".html", ".svg", ".png")
_BIG = 2.0  # pixels of a PNG for each of the chart
_OPTIONS = {"renderer": "svg", "actions": {"export": True, "source": False, "compiled": False, "editor": False}}


def suffix_of(file: str) -> str:
    """What says which format is meant."""
    return os.path.splitext(file)[1].lower()


def picture(chart: Any, suffix: str) -> bytes:
    """An Altair chart in one of `FORMATS`; the libraries of the extra `survey` draw it, without a browser."""
    if suffix == ".html":
        text: str = chart.to_html(inline=True, embed_options=_OPTIONS, json_kwds={"cls": _ForScript})
        return text.encode("utf-8", "replace")
    import vl_convert

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
