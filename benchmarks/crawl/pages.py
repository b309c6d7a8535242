"""The crawler's results as a page: benchmarks/results/crawl.md.

The one rule: figures are per page, so that rows of different sites can be read side by side.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.report import RESULTS, verdict_table, word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.harness import Outcome

_HEAD = (
    "# The crawler beside its peers",
    "",
    "Written by `python -m benchmarks.crawl` (`make bench-crawl`). Medians of whole processes, start-up included,",
    "taking turns; the server is nginx with one worker on this machine's loopback. A run counts as right when all",
    "its items, sorted, are those of the reference; of peers that make no items, when no page is missing.",
)


def tell(outcome: Outcome) -> None:
    """A row's result, as soon as it is there."""
    print(f"\n{outcome.row.name}: {outcome.row.work}")
    for each in outcome.measured:
        pages = getattr(outcome.row, "pages", 0)
        print("  " + "  ".join(cell for cell in _cells(each.record(), pages)))
    for verdict in outcome.verdicts:
        print(f"  must: {verdict.asked}: {verdict.got}: {word(verdict.met)}")


def write(names: Iterable[str]) -> Path:
    """The page of all rows measured so far, in this order."""
    files = [RESULTS / f"{name}.json" for name in names]
    records = [json.loads(file.read_text("utf-8")) for file in files if file.exists()]
    lines = [*_HEAD, "", *verdict_table("site", records)]
    for record in records:
        lines += ["", *_section(record)]
    path = RESULTS / "crawl.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _section(record: dict[str, Any]) -> list[str]:
    facts = record["machine"]
    said = ", ".join(f"{name}: {version}" for name, version in (record["peers"] | _ours(record)).items())
    lines = [f"## {record['name']}: {record['work']}", ""]
    lines += ["| | wall s | pages/s | CPU us/page | peak MiB | right |", "|---|--:|--:|--:|--:|--:|"]
    lines += [f"| {' | '.join(_cells(each, record['pages']))} |" for each in record["measured"]]
    lines += ["", f"{record['date']}; {facts['cores']} cores, {facts['processor']}, Linux {facts['kernel']}, "]
    lines[-1] += f"Python {facts['python']}, load {record['load_before']:.1f}; {said}"
    return lines


def _ours(record: dict[str, Any]) -> dict[str, str]:
    return {"shoal": record["versions"]["shoal"]}


def _cells(each: dict[str, Any], pages: int) -> list[str]:
    if not each["samples"]:
        return [each["name"], f"skipped: {each['skipped']}", "", "", "", ""]
    right = sum(sample["right"] for sample in each["samples"])
    return [
        each["name"],
        f"{each['wall']:.2f}",
        f"{pages / each['wall']:,.0f}",
        f"{each['cpu'] / pages * 1e6:,.0f}",
        f"{each['peak'] / 2**20:.0f}",
        f"{right} of {len(each['samples'])}",
    ]
