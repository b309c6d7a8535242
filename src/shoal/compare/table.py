"""The comparison as lines for a terminal. The one rule: a way without figures stands there too, with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from shoal.compare.advice import speed
from shoal.compare.measure import Comparison, Row

HEAD = f"  {'':14} {'n':>4} {'seconds':>8} {'x serial':>8} {'cpu s':>7} {'start ms':>8} {'MB':>6} {'switches':>8}"


def lines(comparison: Comparison) -> Iterator[str]:
    """Title, head, a line for each way; the advised one is marked."""
    failed = f", {comparison.failed:,} of which fail" if comparison.failed else ""
    yield f"{comparison.work}: {comparison.inputs:,} inputs{failed}"
    yield HEAD
    for row in comparison.rows:
        yield _line(row, comparison)


def _line(row: Row, comparison: Comparison) -> str:
    name = f"  {row.way:14} {row.n:>4}"
    if not row.counts:
        return f"{name}  {row.problem}"
    serial = comparison.serial
    times = f"{speed(row, serial):8.2f}" if serial else f"{'':8}"
    figures = (
        f" {row.median('seconds'):8.3f} {times} {row.median('cpu'):7.3f} {row.median('start') * 1000:8.1f}"
        f" {row.median('memory') / 1e6:6.0f} {row.median('switches'):8,.0f}"
    )
    return f"{name}{figures}{'  <' if row is comparison.best else ''}"
