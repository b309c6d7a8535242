"""Running without a reactor, which is the only way Shoal runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_REACTOR = "twisted.internet.reactor"


def is_reactorless() -> bool:
    """Whether this process runs an asyncio loop and no Twisted reactor."""
    return _REACTOR not in sys.modules


class ReactorImportHook:
    """Refuses to import Twisted's reactor, which would take over the process by being imported."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Raise ImportError for the reactor; let everything else pass."""
        if fullname == _REACTOR:
            raise ImportError(f"Import of {fullname} is forbidden when running without a Twisted reactor.")
        return None


def install_reactor_import_hook() -> ReactorImportHook:
    """From now on importing the reactor is an error; returns what `uninstall_reactor_import_hook` takes."""
    hook = ReactorImportHook()
    sys.meta_path.insert(0, hook)
    return hook


def uninstall_reactor_import_hook(hook: ReactorImportHook) -> None:
    """Take that very hook away again; nothing happens when it is not there."""
    if hook in sys.meta_path:
        sys.meta_path.remove(hook)
