"""The directory of a job that can be taken up again.

The one rule: whoever asks for it gets one that exists.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoal.crawl.settings import BaseSettings


def job_dir(settings: BaseSettings) -> str | None:
    """JOBDIR, made if need be; None when there is none."""
    path: str | None = settings["JOBDIR"]
    if not path:
        return None
    Path(path).mkdir(parents=True, exist_ok=True)
    return path
