"""Scrapy's `scrapy.utils.console`: an interactive shell, the best one that is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

EmbedFunc: TypeAlias = Callable[..., None]


def _embed_ipython_shell() -> EmbedFunc:
    from IPython.terminal.embed import InteractiveShellEmbed
    from IPython.terminal.ipapp import load_default_config

    def _embed_ipython_shell(namespace: dict[str, Any] | None = None, banner: str = "") -> None:
        config = load_default_config()
        config.TerminalInteractiveShell.confirm_exit = False
        # A shell that was embedded before must not answer for the new one.
        InteractiveShellEmbed.clear_instance()
        shell = InteractiveShellEmbed.instance(banner1=banner, user_ns=namespace or {}, config=config)
        _without_running_loop(shell)

    return _embed_ipython_shell


def _without_running_loop(shell: Callable[[], Any]) -> None:
    """Run a shell that wants an event loop of its own, also where one is running: then in a thread."""
    import asyncio
    from threading import Thread

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        shell()
        return
    thread = Thread(target=shell)
    thread.start()
    thread.join()


def _embed_bpython_shell() -> EmbedFunc:
    import bpython

    def _embed_bpython_shell(namespace: dict[str, Any] | None = None, banner: str = "") -> None:
        bpython.embed(locals_=namespace, banner=banner)

    return _embed_bpython_shell


def _embed_ptpython_shell() -> EmbedFunc:
    import ptpython.repl

    def _embed_ptpython_shell(namespace: dict[str, Any] | None = None, banner: str = "") -> None:
        print(banner)  # noqa: T201  ptpython has no banner of its own
        ptpython.repl.embed(locals=namespace)

    return _embed_ptpython_shell


def _embed_standard_shell() -> EmbedFunc:
    import code

    def _embed_standard_shell(namespace: dict[str, Any] | None = None, banner: str = "") -> None:
        code.interact(banner=banner, local=namespace)

    return _embed_standard_shell


#: Shells by name, the preferred first; each is a function that imports its shell and returns how to start it.
DEFAULT_PYTHON_SHELLS: dict[str, Callable[..., EmbedFunc]] = {
    "ptpython": _embed_ptpython_shell,
    "ipython": _embed_ipython_shell,
    "bpython": _embed_bpython_shell,
    "python": _embed_standard_shell,
}


def get_shell_embed_func(
    shells: Iterable[str] | None = None, known_shells: dict[str, Callable[..., EmbedFunc]] | None = None
) -> EmbedFunc | None:
    """How to start the first of `shells` that is installed; None when none is."""
    known = DEFAULT_PYTHON_SHELLS if known_shells is None else known_shells
    for name in known if shells is None else shells:
        if name in known:
            try:
                return known[name]()
            except ImportError:
                continue
    return None


def start_python_console(
    namespace: dict[str, Any] | None = None, banner: str = "", shells: Iterable[str] | None = None
) -> None:
    """Start a shell in which `namespace` is known; returns when its user leaves it."""
    try:
        start = get_shell_embed_func(shells)
        if start is not None:
            start({} if namespace is None else namespace, banner=banner)
    except SystemExit:
        return
