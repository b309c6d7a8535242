"""What was measured, on what machine, written down: one JSON file a row, and one Markdown table of all rows.

The one rule: a figure never stands without its command, its versions, its machine and its date.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.harness import Outcome, Row

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parents[1]
VERSION_QUESTIONS = {"nmap": ["nmap", "--version"], "fping": ["fping", "--version"], "ping": ["ping", "-V"]}


def machine() -> dict[str, Any]:
    """Cores, processor, memory, kernel, Python."""
    return {
        "cores": os.cpu_count(),
        "processor": _first(r"^model name\s*: (.*)$", Path("/proc/cpuinfo")),
        "memory_kib": int(_first(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo")) or 0),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """What the peers call themselves, and the commit that was measured."""
    found = {name: _said(question) for name, question in VERSION_QUESTIONS.items() if shutil.which(name)}
    commit = _said(["git", "-C", str(ROOT), "describe", "--always", "--dirty"])
    return found | {"shoal": commit}


def save(outcome: Outcome, **more: Any) -> None:
    """Write the row's file; `more` is written with it."""
    RESULTS.mkdir(exist_ok=True)
    record = outcome.record() | {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        **more,
    }
    _named(outcome.row.name).write_text(json.dumps(_portable(record), indent=1) + "\n", encoding="utf-8")


def write_table(rows: Iterable[Row], title: str) -> Path:
    """The table of all rows measured so far, in the order of `rows`."""
    records = [json.loads(_named(row.name).read_text("utf-8")) for row in rows if _named(row.name).exists()]
    path = RESULTS / "scan.md"
    path.write_text("\n".join(_page(title, records)) + "\n", encoding="utf-8")
    return path


def _page(title: str, records: list[dict[str, Any]]) -> list[str]:
    lines = [f"# {title}", "", "Written by `python -m benchmarks`. Medians of whole processes, taking turns.", ""]
    lines += verdict_table("work", records)
    for record in records:
        lines += ["", *_section(record)]
    return lines


def verdict_table(what: str, records: Iterable[dict[str, Any]]) -> list[str]:
    """What was asked of each row's `what`, and whether it is met."""
    lines = [f"| {what} | must | measured | met |", "|---|---|---|---|"]
    for record in records:
        for i, verdict in enumerate(record["verdicts"]):
            work = record["work"] if i == 0 else ""
            lines.append(f"| {work} | {verdict['asked']} | {verdict['got']} | {word(verdict['met'])} |")
    return lines


def _section(record: dict[str, Any]) -> list[str]:
    facts, tools = record["machine"], record["versions"]
    return [
        f"## {record['name']}: {record['work']}",
        "",
        *([record["note"], ""] if record["note"] else []),
        "| | wall ms (min - max) | cpu ms | peak MiB | right | command |",
        "|---|--:|--:|--:|--:|---|",
        *(_line(each, record["peak_floor"]) for each in record["measured"]),
        "",
        f"{record['date']}; {facts['cores']} cores, {facts['processor']}, Linux {facts['kernel']}, "
        f"Python {facts['python']}, load {record['load_before']:.1f}; "
        + ", ".join(f"{name}: {said}" for name, said in tools.items()),
    ]


def _line(each: dict[str, Any], floor: int) -> str:
    if not each["samples"]:
        return f"| {each['name']} | skipped: {each['skipped']} | | | | |"
    walls = [sample["wall"] * 1000 for sample in each["samples"]]
    cells = (
        each["name"],
        f"{each['wall'] * 1000:.1f} ({min(walls):.1f} - {max(walls):.1f})",
        f"{each['cpu'] * 1000:.1f}",
        f"{'≤ ' if each['peak'] < floor + 2**20 else ''}{each['peak'] / 2**20:.0f}",
        f"{sum(sample['right'] for sample in each['samples'])} of {len(walls)}",
        f"`{_shortened(each['command'])}`",
    )
    return f"| {' | '.join(cells)} |"


def word(met: bool | None) -> str:
    """Whether a demand is met, for a reader."""
    return "not measured" if met is None else "yes" if met else "**no**"


def _shortened(command: str) -> str:
    """The table need not repeat 256 addresses; the JSON file has them all."""
    words = shlex.split(command)
    return shlex.join(words) if len(words) <= 24 else f"{shlex.join(words[:6])} ... {words[-1]}"


def _portable(value: Any) -> Any:
    """Commands as they are typed in a checkout, whatever folder this one is in."""
    if isinstance(value, dict):
        return {key: _portable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_portable(item) for item in value]
    if isinstance(value, str):
        value = value.replace(f"{Path(sys.executable).parent}/", ".venv/bin/").replace(f"{ROOT}/", "")
        return value.replace(f"{Path.home()}/", "~/")
    return value


def _named(row: str) -> Path:
    return RESULTS / f"{row}.json"


def _first(pattern: str, path: Path) -> str | None:
    """What the pattern finds first in a file of the kernel."""
    found = re.search(pattern, path.read_text("utf-8"), re.MULTILINE) if path.exists() else None
    return found[1] if found else None


def _said(question: list[str]) -> str:
    """The first line a command prints."""
    said = subprocess.run(question, capture_output=True, text=True, check=False).stdout.strip()
    return said.splitlines()[0] if said else "unknown"
