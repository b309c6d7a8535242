"""What happens in a crawl, as signals that anybody may listen to.

The one rule: a listener is called with those of the arguments that it names, and its failures are logged, never passed
on to the crawl.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from shoal.crawl.awaiting import as_awaitable
from shoal.crawl.exceptions import StopDownload
from shoal.crawl.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

engine_started = object()
engine_stopped = object()
scheduler_empty = object()
spider_opened = object()
spider_idle = object()
spider_closed = object()
spider_error = object()
feed_slot_closed = object()
feed_exporter_closed = object()
memusage_warning_reached = object()
request_scheduled = object()
request_dropped = object()
request_reached_downloader = object()
request_left_downloader = object()
response_received = object()
response_downloaded = object()
robots_parsed = object()
headers_received = object()
bytes_received = object()
item_scraped = object()
item_dropped = object()
item_error = object()

# Scrapy's name of the logger: filters of users look for it.
logger = logging.getLogger("scrapy.utils.signal")
_UNCHOOSY = None
# Exceptions of listeners that nobody has to read about.
_NO_NEWS = (StopDownload,)


class _Receiver:
    """A listener, and the names of the arguments it takes (None: all of them)."""

    __slots__ = ("call", "names", "pick")

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call
        self.names = _argument_names(call)
        # The arguments of an ordinary function in their order: half the time of a dict of them.
        self.pick = itemgetter(*self.names) if self.names and _takes_in_order(call) else None

    def __call__(self, arguments: dict[str, Any]) -> Any:
        """Call the listener with what it wants to know."""
        if self.pick is not None:
            try:
                values = self.pick(arguments)
            except KeyError:
                pass
            else:
                return self.call(*values)
        if self.names is _UNCHOOSY:
            return self.call(**arguments)
        return self.call(**{name: arguments[name] for name in self.names if name in arguments})


class SignalManager:
    """The signals of one crawl; `sender` is what listeners get under that name when they ask."""

    def __init__(self, sender: Any = None) -> None:
        self.sender = sender
        self._receivers: dict[Any, list[_Receiver]] = {}
        # How often somebody has begun or ceased to listen: what is known of the listeners holds until then.
        self.changes = 0

    def connect(self, receiver: Callable[..., Any], signal: Any, **_kwargs: Any) -> None:
        """Call `receiver` whenever `signal` is sent. Connecting the same one twice is connecting it once."""
        self.changes += 1
        known = self._receivers.setdefault(signal, [])
        if all(old.call != receiver for old in known):
            known.append(_Receiver(receiver))

    def disconnect(self, receiver: Callable[..., Any], signal: Any, **_kwargs: Any) -> None:
        """Call it no longer."""
        self.changes += 1
        known = self._receivers.get(signal, [])
        self._receivers[signal] = [old for old in known if old.call != receiver]

    def disconnect_all(self, signal: Any, **_kwargs: Any) -> None:
        """Call nobody for `signal`."""
        self.changes += 1
        self._receivers.pop(signal, None)

    def has_receivers(self, signal: Any) -> bool:
        """Whether anybody listens: where nobody does, nothing needs to be sent."""
        return bool(self._receivers.get(signal)) or "pydispatch.dispatcher" in sys.modules

    def listeners(self, signal: Any) -> list[Any]:
        """Those who listen now."""
        return [receiver.call for receiver in self._all(signal)]

    def send_catch_log(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Call all listeners: (listener, its result or a Failure) for each. They may not be coroutines."""
        receivers = self._all(signal)
        return send(receivers, signal, kwargs.pop("sender", self.sender), kwargs) if receivers else []

    async def send_catch_log_async(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Call all listeners and wait for those that are coroutines: (listener, its result or its exception)."""
        receivers = self._all(signal)
        return await send_async(receivers, signal, kwargs.pop("sender", self.sender), kwargs) if receivers else []

    def tell(self, signal: Any, **kwargs: Any) -> Awaitable[Any] | None:
        """Call all listeners at once, for whoever does not want to know what they say.

        What to await until all of them have finished; None where they have, as plain functions do.
        """
        receivers = self._all(signal)
        if not receivers:
            return None
        arguments = {"signal": signal, "sender": self.sender, **kwargs}
        waiting = []
        for receiver in receivers:
            try:
                result = receiver(arguments)
            except _NO_NEWS:
                continue
            except Exception:
                _log(receiver, arguments)
                continue
            if result is not None and (awaited := as_awaitable(result)) is not None:
                waiting.append(_Unfinished(receiver, awaited).finish(arguments, _NO_NEWS))
        return asyncio.gather(*waiting) if waiting else None

    async def send_catch_log_deferred(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """The same as `send_catch_log_async`, except that exceptions come as Failures."""
        results = await self.send_catch_log_async(signal, **kwargs)
        return [(call, Failure(result) if isinstance(result, Exception) else result) for call, result in results]

    async def wait_for(self, signal: Any) -> None:
        """Wait until `signal` is sent for the next time."""
        sent = asyncio.get_running_loop().create_future()

        def handler() -> None:
            self.disconnect(handler, signal)
            sent.set_result(None)

        self.connect(handler, signal)
        await sent

    def _all(self, signal: Any) -> list[_Receiver]:
        receivers = self._receivers.get(signal, [])
        if "pydispatch.dispatcher" in sys.modules:
            receivers = [*receivers, *global_receivers(signal, self.sender)]
        return receivers


def global_receivers(signal: Any, sender: Any = None) -> list[_Receiver]:
    """Who listens by way of the PyDispatcher library, as old projects do; nobody where it is not imported."""
    library: Any = sys.modules.get("pydispatch.dispatcher")
    if library is None:
        return []
    found = library.liveReceivers(library.getAllReceivers(library.Any if sender is None else sender, signal))
    return [_Receiver(call) for call in found]


def send(receivers: Iterable[_Receiver], signal: Any, sender: Any, kwargs: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Call the listeners one after the other. `dont_log` in `kwargs`: exceptions that are no news."""
    quiet = _quiet(kwargs)
    arguments = {"signal": signal, "sender": sender, **kwargs}
    results = []
    for receiver in receivers:
        try:
            result = receiver(arguments)
        except Exception as problem:
            if not isinstance(problem, quiet):
                _log(receiver, arguments)
            # Nowhere but in the list, which can be emptied: the failure holds this frame, and with it the page.
            results.append((receiver.call, Failure(problem)))
        else:
            if result is not None:
                _refuse_to_wait(receiver, result)
            results.append((receiver.call, result))
    return results


def _refuse_to_wait(receiver: _Receiver, result: Any) -> None:
    if inspect.isawaitable(result) or hasattr(result, "addBoth"):
        logger.error("Cannot return deferreds from signal handler: %(receiver)s", {"receiver": receiver.call})
        if inspect.iscoroutine(result):
            result.close()


async def send_async(
    receivers: Iterable[_Receiver], signal: Any, sender: Any, kwargs: dict[str, Any]
) -> list[tuple[Any, Any]]:
    """Call the listeners one after the other, then wait for all that have not finished."""
    quiet = _quiet(kwargs)
    arguments = {"signal": signal, "sender": sender, **kwargs}
    results = [(receiver.call, _begin_one(receiver, arguments, quiet)) for receiver in receivers]
    waiting = {place: result for place, (_, result) in enumerate(results) if type(result) is _Unfinished}
    if waiting:
        finished = await asyncio.gather(*(one.finish(arguments, quiet) for one in waiting.values()))
        for place, result in zip(waiting, finished, strict=True):
            results[place] = results[place][0], result
    return results


class _Unfinished:
    """What a listener gave that has to be waited for."""

    __slots__ = ("receiver", "waiting")

    def __init__(self, receiver: _Receiver, waiting: Awaitable[Any]) -> None:
        self.receiver = receiver
        self.waiting = waiting

    async def finish(self, arguments: dict[str, Any], quiet: tuple[type[BaseException], ...]) -> Any:
        """Its result, or its exception."""
        try:
            return await self.waiting
        except quiet as problem:
            return problem
        except Exception as problem:
            _log(self.receiver, arguments)
            return problem


def _begin_one(receiver: _Receiver, arguments: dict[str, Any], quiet: tuple[type[BaseException], ...]) -> Any:
    """The result, the exception, or what has to be waited for."""
    try:
        result = receiver(arguments)
    except quiet as problem:
        return problem
    except Exception as problem:
        _log(receiver, arguments)
        return problem
    waiting = None if result is None else as_awaitable(result)
    return result if waiting is None else _Unfinished(receiver, waiting)


def _quiet(kwargs: dict[str, Any]) -> tuple[type[BaseException], ...]:
    if "dont_log" not in kwargs:
        return _NO_NEWS
    dont_log = kwargs.pop("dont_log")
    return (*(dont_log if isinstance(dont_log, tuple) else (dont_log,)), StopDownload)


def _log(receiver: _Receiver, arguments: dict[str, Any]) -> None:
    logger.error(
        "Error caught on signal handler: %(receiver)s",
        {"receiver": receiver.call},
        exc_info=True,
        extra={"spider": arguments.get("spider")},
    )


def _argument_names(call: Callable[..., Any]) -> tuple[str, ...] | None:
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return _UNCHOOSY
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return _UNCHOOSY
    return tuple(parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_POSITIONAL)


def _takes_in_order(call: Callable[..., Any]) -> bool:
    """Whether it takes two arguments or more, all by place; a decorated function may take other ones than it says."""
    function = call.__func__ if inspect.ismethod(call) else call
    if not inspect.isfunction(function) or hasattr(function, "__wrapped__") or hasattr(function, "__signature__"):
        return False
    parameters = inspect.signature(call).parameters.values()
    return len(parameters) > 1 and all(one.kind is one.POSITIONAL_OR_KEYWORD for one in parameters)
