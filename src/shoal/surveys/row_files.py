"""`-w FILE`: rows as JSON, JSON lines or CSV, by the suffix of the file.

The one rule: the file is whole or as it was before.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.errors import UsageError
from shoal.output.files import replace_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Rows = Sequence[Mapping[str, Any]]


def check_row_file(path: str) -> None:
    """Raises UsageError for a suffix that means nothing, or a folder that is not there."""
    target = Path(path)
    if target.suffix.lower() not in _WRITERS:
        raise UsageError(f"-w {path}: a file ends in {', '.join(_WRITERS)}")
    if not target.parent.is_dir():
        raise UsageError(f"-w {path}: there is no folder {target.parent}")


def write_rows(path: str, columns: Sequence[str], rows: Rows) -> None:
    """Write these columns of the rows. Raises MachineError when the file cannot be written."""
    text = _WRITERS[Path(path).suffix.lower()](columns, [{name: row[name] for name in columns} for row in rows])
    replace_bytes(path, text.encode("utf-8", "replace"))


def _json(_columns: Sequence[str], rows: Rows) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _json_lines(_columns: Sequence[str], rows: Rows) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(columns: Sequence[str], rows: Rows) -> str:
    """Lists are joined by commas within their cell (RFC 4180 quotes them)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        cells = (row[name] for name in columns)
        writer.writerow([",".join(cell) if isinstance(cell, list) else cell for cell in cells])
    return text.getvalue()


_WRITERS: dict[str, Callable[[Sequence[str], Rows], str]] = {".json": _json, ".jsonl": _json_lines, ".csv": _csv}
