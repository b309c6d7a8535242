"""The user's editor."""

from __future__ import annotations

import shlex
import subprocess


def open_editor(editor: str, path: str) -> int:
    """Open a file and wait; returns the editor's exit status. `editor` may have arguments (`code --wait`)."""
    return subprocess.call([*shlex.split(editor), path])  # noqa: S603  it is the user's own
