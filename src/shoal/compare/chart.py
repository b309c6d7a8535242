"""The comparison as a picture: bars of seconds, way by way, for each work.

The one rule: no bar without its count of inputs, and its advice above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shoal.compare.advice import Machine, advise, speed
from shoal.compare.measure import Comparison
from shoal.compare.variant import WAYS
from shoal.errors import MachineError
from shoal.output.files import replace_bytes
from shoal.output.pictures import picture, suffix_of

COLOURS = ("#8a8f98", "#2f6db5", "#c4682b", "#2f8f5b")
"""Of the ways in their order: told apart also in grey and by those who do not see red and green."""
WIDTH = 560  # pixels


def save(comparisons: Sequence[Comparison], path: str, machine: Machine) -> None:
    """Write .html, .png or .svg. Raises MachineError where the chart library is missing, or for the file."""
    replace_bytes(path, picture(drawing(comparisons, machine), suffix_of(path)))


def drawing(comparisons: Sequence[Comparison], machine: Machine) -> Any:
    """The chart, one panel for each work that can be told."""
    try:
        import altair
    except ImportError:
        raise MachineError("a chart needs the extra: pip install 'shoal[survey]'") from None
    panels = [_panel(altair, one, advise(one, machine)) for one in comparisons if not one.problem]
    lock = "on" if machine.lock else "off"
    subtitle = (
        f"{machine.cores} cores, Python {machine.python}, interpreter lock {lock}; medians of seconds, less is better"
    )
    chart = altair.vconcat(*panels).properties(title=altair.Title("The same work, four ways", subtitle=subtitle))
    return chart.resolve_scale(x="independent", y="independent").configure_view(stroke=None)


def _panel(altair: Any, comparison: Comparison, sentences: list[str]) -> Any:
    data = altair.Data(values=list(_bars(comparison)))
    order = [bar["name"] for bar in _bars(comparison)]
    base = altair.Chart(data).encode(
        y=altair.Y("name:N", sort=order, title=None),
        x=altair.X("seconds:Q", title="seconds", scale=altair.Scale(zero=True)),
    )
    bars = base.mark_bar().encode(
        color=altair.Color("way:N", scale=altair.Scale(domain=list(WAYS), range=list(COLOURS)), legend=None),
        tooltip=["name:N", "seconds:Q", "times:Q", "cpu:Q", "memory:Q", "switches:Q"],
    )
    text = base.mark_text(align="left", dx=4).encode(text="label:N")
    title = altair.Title(f"{comparison.work}, {comparison.inputs:,} inputs", subtitle=sentences[:1], anchor="start")
    return (bars + text).properties(width=WIDTH, title=title)


def _bars(comparison: Comparison) -> Iterator[dict[str, Any]]:
    serial = comparison.serial
    for row in comparison.rows:
        if row.counts:
            seconds = row.median("seconds")
            times = speed(row, serial) if serial else 1.0
            yield {
                "name": row.way if row.way == "serial" else f"{row.n} {row.way}",
                "way": row.way,
                "seconds": round(seconds, 4),
                "times": round(times, 2),
                "label": f"{seconds:.2f} s, {times:.1f} x",
                "cpu": round(row.median("cpu"), 3),
                "memory": round(row.median("memory") / 1e6, 1),
                "switches": row.median("switches"),
            }
