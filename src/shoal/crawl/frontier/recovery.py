"""What a job's queues on disk say of themselves between two runs.

The one rule: `active.json` is there only between a run that ended in good order and the next; where it is missing and
queues are there, the run before was cut off, and the queues themselves are asked what is left in them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.frontier import DownloadSlots, Frontier

_QUEUE_NAME = re.compile(r"(-?\d+)s?")


def read_state(folder: str) -> Any:
    """What `write_state` wrote in the run before; None when there is nothing. Raises ValueError for a damaged file."""
    path = Path(folder, "active.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}); remove it to go on with what the queues hold") from None


def write_state(folder: str, state: Any) -> None:
    """Keep what the queues say of themselves: a new file in place of the old, so that a crash leaves one of the two."""
    written = Path(folder, "active.new")
    written.write_text(json.dumps(state), encoding="utf-8")
    written.replace(Path(folder, "active.json"))


def forget_state(folder: str) -> None:
    """The queues are in use: what was written of them is no longer so."""
    Path(folder, "active.json").unlink(missing_ok=True)


def was_cut_off(folder: str) -> bool:
    """Whether queues are there of which nothing was written."""
    return any(path.name != "active.json" for path in Path(folder).iterdir())


def left_priorities(folder: str) -> list[int]:
    """The priorities of which there are queues in a folder."""
    names = [_QUEUE_NAME.fullmatch(path.name) for path in Path(folder).iterdir()]
    return sorted({int(name[1]) for name in names if name})


def left_slots(
    folder: str, downloader: DownloadSlots, opened: Callable[[str, list[int]], Frontier]
) -> dict[str, list[int]]:
    """The same by download slot. `opened(folder, priorities)` opens the queues of a slot, to see whose they are."""
    left = {}
    for path in sorted(Path(folder).iterdir()):
        if not path.is_dir() or not (priorities := left_priorities(str(path))):
            continue
        queue = opened(str(path), priorities)
        first = queue.peek()
        queue.close()
        if first is not None:
            left[downloader.get_slot_key(first)] = priorities
    return left
