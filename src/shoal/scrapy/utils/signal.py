"""Sending signals to whoever listens by way of the PyDispatcher library."""

from __future__ import annotations

from typing import Any

from shoal.crawl.failure import Failure
from shoal.crawl.signals import global_receivers, send, send_async

__all__ = ["disconnect_all", "send_catch_log", "send_catch_log_async", "send_catch_log_deferred"]


def send_catch_log(signal: Any, sender: Any = None, *_arguments: Any, **named: Any) -> list[tuple[Any, Any]]:
    """Call all listeners: (listener, its result or a Failure) for each."""
    return send(global_receivers(signal, sender), signal, sender, named)


async def send_catch_log_async(
    signal: Any, sender: Any = None, *_arguments: Any, **named: Any
) -> list[tuple[Any, Any]]:
    """Call all listeners and wait for them: (listener, its result or its exception) for each."""
    return await send_async(global_receivers(signal, sender), signal, sender, named)


async def send_catch_log_deferred(
    signal: Any, sender: Any = None, *arguments: Any, **named: Any
) -> list[tuple[Any, Any]]:
    """The same, with Failures for exceptions."""
    results = await send_catch_log_async(signal, sender, *arguments, **named)
    return [(call, Failure(result) if isinstance(result, Exception) else result) for call, result in results]


def disconnect_all(signal: Any, sender: Any = None) -> None:
    """Let nobody listen to `signal` any more."""
    import sys

    library: Any = sys.modules.get("pydispatch.dispatcher")
    for receiver in global_receivers(signal, sender):
        library.disconnect(receiver.call, signal, library.Any if sender is None else sender)
