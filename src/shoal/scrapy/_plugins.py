"""Commands that installed packages bring: the entry points of group `scrapy.commands`.

The one rule: `importlib.metadata` answers, and is imported (25 ms, with all of `email`) only where a look at the files
it would read does not show already that there are none.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

GROUP = "scrapy.commands"
_FOLDERS = (".dist-info", ".egg-info")


def command_entries() -> Iterable[EntryPoint]:
    """The entry points of packages that bring commands."""
    if not _may_have_entries(sys.path):
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _may_have_entries(path: Iterable[str]) -> bool:
    """Whether any package on `path` may have such entry points: one that names them, or one that is no plain folder."""
    if any(hasattr(finder, "find_distributions") and finder.__name__ != "PathFinder" for finder in _finders()):
        return True
    return any(_folder_may(folder or ".") for folder in path)


def _finders() -> Iterable[type]:
    return (finder if isinstance(finder, type) else type(finder) for finder in sys.meta_path)


def _folder_may(folder: str) -> bool:
    try:
        names = os.listdir(folder)
    except NotADirectoryError:
        return True  # an archive, whose contents only importlib can tell
    except OSError:
        return False
    return folder.rstrip("/").endswith(".egg") or any(
        _names_group(os.path.join(folder, name, "entry_points.txt")) for name in names if name.endswith(_FOLDERS)
    )


def _names_group(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return GROUP.encode() in opened.read()
    except OSError:
        return False
