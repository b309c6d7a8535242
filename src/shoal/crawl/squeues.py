"""Queues of requests in memory, in files and in SQLite, under Scrapy's names and ours.

The one rule: on disk a request is data. Shoal's own queues, the Data ones, write JSON that runs no code when it is
read. Those named after pickle and marshal are there for settings that name them; a job directory that somebody else may
write to must not be read by the pickle ones.
"""

from __future__ import annotations

import marshal
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from queuelib import queue as queuelib

from shoal.crawl.plain_data import dumps, loads
from shoal.crawl.request_data import request_from_members, request_members
from shoal.crawl.request_dict import request_from_dict

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request

_NO_PEEK = "The underlying queue class does not implement 'peek'"


class _Layer:
    """Stands before a queue class; `peek` says so when that class has none."""

    def peek(self) -> Any:
        """The next one, which stays. Raises NotImplementedError when the queue below cannot tell."""
        below = getattr(super(), "peek", None)
        if below is None:
            raise NotImplementedError(_NO_PEEK)
        return below()


class _MakesFolder:
    """Makes the folder in which the queue's file will be."""

    def __init__(self, path: Any, *args: Any, **kwargs: Any) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, *args, **kwargs)  # type: ignore[call-arg]


class _Serialized(_Layer):
    """Writes values as bytes. Raises ValueError for values that cannot be written."""

    _dumps: Callable[[Any], bytes]
    _loads: Callable[[bytes], Any]

    def push(self, value: Any) -> None:
        """Take a value."""
        super().push(self._dumps(value))  # type: ignore[misc]

    def pop(self) -> Any:
        """The next value, which leaves; None when there is none."""
        return self._read(super().pop())  # type: ignore[misc]

    def peek(self) -> Any:
        """The next value, which stays."""
        return self._read(super().peek())

    def _read(self, data: bytes | None) -> Any:
        return None if data is None else self._loads(data)


class _OfRequests(_Layer):
    """Keeps requests as dicts of plain values; callbacks are methods of the crawl's spider."""

    def __init__(self, crawler: Crawler, key: str) -> None:
        self.spider = crawler.spider
        super().__init__(key)  # type: ignore[call-arg]

    @classmethod
    def from_crawler(cls, crawler: Crawler, key: str, *args: Any, **kwargs: Any) -> Self:  # noqa: ARG003
        """The queue at path `key`."""
        return cls(crawler, key)

    def _taken_apart(self, request: Request) -> dict[str, Any]:
        return request.to_dict(spider=self.spider)

    def _put_together(self, members: dict[str, Any]) -> Request:
        return request_from_dict(members, spider=self.spider)

    def push(self, request: Request) -> None:
        """Take a request. Raises ValueError for one that cannot be written."""
        super().push(self._taken_apart(request))  # type: ignore[misc]

    def pop(self) -> Request | None:
        """The next request, which leaves; None when there is none."""
        members = super().pop()  # type: ignore[misc]
        return None if members is None else self._put_together(members)

    def peek(self) -> Request | None:
        """The next request, which stays."""
        members = super().peek()
        return None if members is None else self._put_together(members)


class _OfRequestData(_OfRequests):
    """Keeps of a request only what is not as usual."""

    def _taken_apart(self, request: Request) -> dict[str, Any]:
        return request_members(request, self.spider)

    def _put_together(self, members: dict[str, Any]) -> Request:
        return request_from_members(members, self.spider)


class _InMemory(_Layer):
    """Keeps the requests themselves."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ARG003
        """A queue; there is nothing to tell it."""
        return cls()


def _pickled(value: Any) -> bytes:
    try:
        return pickle.dumps(value, protocol=4)
    # What cannot be pickled is told by any of these, depending on the kind and on the version of Python.
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _written(value: Any) -> bytes:
    try:
        return dumps(value).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _read(data: bytes) -> Any:
    return loads(data.decode())


def _serializable_queue(
    queue_class: type[Any], serialize: Callable[[Any], bytes], deserialize: Callable[[bytes], Any]
) -> type[Any]:
    """A queue of values over a queue of bytes."""
    members = {"_dumps": staticmethod(serialize), "_loads": staticmethod(deserialize)}
    return type("SerializableQueue", (_Serialized, queue_class), members)


def _scrapy_serialization_queue(queue_class: type[Any]) -> type[Any]:
    """A queue of requests over a queue of dicts."""
    return type("ScrapyRequestQueue", (_OfRequests, queue_class), {})


def _scrapy_non_serialization_queue(queue_class: type[Any]) -> type[Any]:
    """A queue of requests over a queue of any objects."""
    return type("ScrapyRequestQueue", (_InMemory, queue_class), {})


class _Pickle(_Serialized, _MakesFolder):
    _dumps = staticmethod(_pickled)
    _loads = staticmethod(pickle.loads)


class _Marshal(_Serialized, _MakesFolder):
    _dumps = staticmethod(marshal.dumps)
    _loads = staticmethod(marshal.loads)


class _Data(_Serialized, _MakesFolder):
    _dumps = staticmethod(_written)
    _loads = staticmethod(_read)


def _named(name: str, *bases: type[Any]) -> type[Any]:
    return type(name, bases, {"__module__": __name__})


_PickleFifoSerializationDiskQueue = _named("_PickleFifoSerializationDiskQueue", _Pickle, queuelib.FifoDiskQueue)
_PickleLifoSerializationDiskQueue = _named("_PickleLifoSerializationDiskQueue", _Pickle, queuelib.LifoDiskQueue)
_PickleFifoSerializationSQLiteQueue = _named("_PickleFifoSerializationSQLiteQueue", _Pickle, queuelib.FifoSQLiteQueue)
_PickleLifoSerializationSQLiteQueue = _named("_PickleLifoSerializationSQLiteQueue", _Pickle, queuelib.LifoSQLiteQueue)
_MarshalFifoSerializationDiskQueue = _named("_MarshalFifoSerializationDiskQueue", _Marshal, queuelib.FifoDiskQueue)
_MarshalLifoSerializationDiskQueue = _named("_MarshalLifoSerializationDiskQueue", _Marshal, queuelib.LifoDiskQueue)
_MarshalFifoSerializationSQLiteQueue = _named(
    "_MarshalFifoSerializationSQLiteQueue", _Marshal, queuelib.FifoSQLiteQueue
)
_MarshalLifoSerializationSQLiteQueue = _named(
    "_MarshalLifoSerializationSQLiteQueue", _Marshal, queuelib.LifoSQLiteQueue
)

PickleFifoDiskQueue = _named("PickleFifoDiskQueue", _OfRequests, _PickleFifoSerializationDiskQueue)
PickleLifoDiskQueue = _named("PickleLifoDiskQueue", _OfRequests, _PickleLifoSerializationDiskQueue)
PickleFifoSQLiteQueue = _named("PickleFifoSQLiteQueue", _OfRequests, _PickleFifoSerializationSQLiteQueue)
PickleLifoSQLiteQueue = _named("PickleLifoSQLiteQueue", _OfRequests, _PickleLifoSerializationSQLiteQueue)
MarshalFifoDiskQueue = _named("MarshalFifoDiskQueue", _OfRequests, _MarshalFifoSerializationDiskQueue)
MarshalLifoDiskQueue = _named("MarshalLifoDiskQueue", _OfRequests, _MarshalLifoSerializationDiskQueue)
MarshalFifoSQLiteQueue = _named("MarshalFifoSQLiteQueue", _OfRequests, _MarshalFifoSerializationSQLiteQueue)
MarshalLifoSQLiteQueue = _named("MarshalLifoSQLiteQueue", _OfRequests, _MarshalLifoSerializationSQLiteQueue)
DataFifoDiskQueue = _named("DataFifoDiskQueue", _OfRequestData, _Data, queuelib.FifoDiskQueue)
DataLifoDiskQueue = _named("DataLifoDiskQueue", _OfRequestData, _Data, queuelib.LifoDiskQueue)
DataFifoSQLiteQueue = _named("DataFifoSQLiteQueue", _OfRequestData, _Data, queuelib.FifoSQLiteQueue)
DataLifoSQLiteQueue = _named("DataLifoSQLiteQueue", _OfRequestData, _Data, queuelib.LifoSQLiteQueue)
FifoMemoryQueue = _named("FifoMemoryQueue", _InMemory, queuelib.FifoMemoryQueue)
LifoMemoryQueue = _named("LifoMemoryQueue", _InMemory, queuelib.LifoMemoryQueue)
