"""Questions about Twisted's reactor, answered by an engine that has none.

A TWISTED_REACTOR setting that names the asyncio reactor is accepted and needs nothing done; the only loop is asyncio's.
"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

_asyncio_reactor_path = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_REACTOR = "twisted.internet.reactor"


def is_reactor_installed() -> bool:
    """Whether somebody has imported Twisted's reactor into this process."""
    return _REACTOR in sys.modules


def is_asyncio_reactor_installed() -> bool:
    """Whether that reactor is Twisted's asyncio one. Raises RuntimeError when there is no reactor at all."""
    if not is_reactor_installed():
        raise RuntimeError("is_asyncio_reactor_installed() called without an installed reactor.")
    return _path(sys.modules[_REACTOR]) == _asyncio_reactor_path


def verify_installed_reactor(reactor_path: str) -> None:
    """Raise RuntimeError unless the reactor named by `reactor_path` is the one installed."""
    if not is_reactor_installed():
        raise RuntimeError("verify_installed_reactor() called without an installed reactor.")
    if _path(sys.modules[_REACTOR]) != reactor_path:
        raise RuntimeError(f"The installed reactor ({_path(sys.modules[_REACTOR])}) is not {reactor_path}")


def verify_installed_asyncio_event_loop(loop_path: str) -> None:
    """Raise RuntimeError: there is never an asyncio reactor whose loop could be looked at."""
    if not is_reactor_installed():
        raise RuntimeError("verify_installed_asyncio_event_loop() called without an installed reactor.")
    raise RuntimeError(f"Shoal's loop is not the reactor's: cannot verify {loop_path}")


def install_reactor(reactor_path: str, event_loop_path: str | None = None) -> None:
    """Nothing to install: the asyncio loop is there already. A loop class, when named, is made the current loop."""
    del reactor_path
    set_asyncio_event_loop(event_loop_path)


def set_asyncio_event_loop_policy() -> None:
    """Nothing to set: Shoal uses selectors' loops only where they are the default."""


def set_asyncio_event_loop(event_loop_path: str | None) -> asyncio.AbstractEventLoop:
    """Make a loop of the class named by `event_loop_path` current; without a name, the running or a new one."""
    if event_loop_path is None:
        return _current_or_new_loop()
    module, _, name = event_loop_path.rpartition(".")
    loop: asyncio.AbstractEventLoop = getattr(import_module(module), name)()
    asyncio.set_event_loop(loop)
    return loop


def _current_or_new_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        return loop


def _path(reactor: object) -> str:
    return f"{type(reactor).__module__}.{type(reactor).__qualname__}"
