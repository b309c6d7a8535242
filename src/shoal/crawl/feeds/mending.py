"""A file of JSON lines whose writer was killed in the middle of a line, made fit for more lines.

The one rule: a line that is complete is never touched, even when its line end is missing.
"""

from __future__ import annotations

import json
import logging
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger("scrapy.extensions.feedexport")

_BLOCK = 65536


def mend_json_lines(path: Path) -> None:
    """End the last line of the file when its line end is missing; cut it off when it is only the beginning of one."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        start, line = _last_line(file)
        if not line:
            return
        if _is_json(line):
            file.seek(0, 2)
            file.write(b"\n")
            return
        logger.warning(
            "The last line of %s is incomplete, probably because its writer was killed: %d bytes are cut off.",
            path,
            len(line),
        )
        file.truncate(start)


def _last_line(file: IO[bytes]) -> tuple[int, bytes]:
    """Where the unended last line begins, and the line; it is empty when all lines are ended."""
    start = file.seek(0, 2)
    line = b""
    while start and b"\n" not in line:
        size = min(_BLOCK, start)
        start = file.seek(start - size)
        line = file.read(size) + line
    begin = line.rfind(b"\n") + 1
    return start + begin, line[begin:]


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
