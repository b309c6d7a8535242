"""Scrapy's `scrapy.utils.python`: text and bytes, signatures, chains."""

from __future__ import annotations

import gc
import inspect
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial, wraps
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from shoal.crawl.response_class import looks_like_text
from shoal.scrapy.utils.asyncgen import as_async_generator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_T = TypeVar("_T")


def is_listlike(x: Any) -> bool:
    """Whether `x` can be iterated over and is not text."""
    return hasattr(x, "__iter__") and not isinstance(x, (str, bytes))


def unique(list_: Iterable[_T], key: Callable[[_T], Any] = lambda x: x) -> list[_T]:
    """The items without those whose `key` came before."""
    return list({key(item): item for item in reversed(list(list_))}.values())[::-1]


def to_unicode(text: str | bytes, encoding: str | None = None, errors: str = "strict") -> str:
    """`text` as str; bytes are read in `encoding` (UTF-8). Raises TypeError for anything else."""
    if isinstance(text, str):
        return text
    if not isinstance(text, bytes):
        raise TypeError(f"to_unicode must receive bytes or str, got {type(text).__name__}")
    return text.decode(encoding or "utf-8", errors)


def to_bytes(text: str | bytes, encoding: str | None = None, errors: str = "strict") -> bytes:
    """`text` as bytes; str is written in `encoding` (UTF-8). Raises TypeError for anything else."""
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise TypeError(f"to_bytes must receive str or bytes, got {type(text).__name__}")
    return text.encode(encoding or "utf-8", errors)


def re_rsearch(pattern: str | re.Pattern[str], text: str, chunk_size: int = 1024) -> tuple[int, int] | None:
    """Where the last match of `pattern` lies; looked for from the end, in growing pieces of `chunk_size` KB."""
    pattern = re.compile(pattern)
    start = len(text)
    while start > 0:
        start = max(0, start - chunk_size * 1024)
        found = list(pattern.finditer(text, start))
        if found:
            return found[-1].span()
    return None


def memoizemethod_noargs(method: Callable[..., _T]) -> Callable[..., _T]:
    """A method that computes its answer once per object."""
    cache: WeakKeyDictionary[Any, _T] = WeakKeyDictionary()

    @wraps(method)
    def remembered(self: Any, *args: Any, **kwargs: Any) -> _T:
        if self not in cache:
            cache[self] = method(self, *args, **kwargs)
        return cache[self]

    return remembered


def binary_is_text(data: bytes) -> bool:
    """Whether `data` has no byte that text does not have. Raises TypeError when it is not bytes."""
    if not isinstance(data, bytes):
        raise TypeError(f"data must be bytes, got {type(data).__name__!r}")
    return looks_like_text(data)


def get_func_args(func: Callable[..., Any], stripself: bool = False) -> list[str]:
    """The names of the arguments that a callable still takes by name. Raises TypeError when it is not callable."""
    if not callable(func):
        raise TypeError(f"func must be callable, got {type(func).__name__!r}")
    try:
        signature = inspect.signature(func)
    except ValueError:
        return []
    bound = func.keywords if isinstance(func, partial) else {}
    names = [name for name in signature.parameters if name not in bound]
    return names[1:] if stripself and names and names[0] == "self" else names


def get_spec(func: Callable[..., Any]) -> tuple[list[str], dict[str, Any]]:
    """The names of the positional arguments, self among them, and the defaults. Raises TypeError if not callable."""
    if not callable(func):
        raise TypeError(f"{type(func)} is not callable")
    function: Any = func if inspect.isroutine(func) else type(func).__call__
    spec = inspect.getfullargspec(function)
    defaults = spec.defaults or ()
    return spec.args, dict(zip(spec.args[len(spec.args) - len(defaults) :], defaults, strict=True))


def equal_attributes(obj1: Any, obj2: Any, attributes: list[str | Callable[[Any], Any]] | None) -> bool:
    """Whether both objects have the same `attributes`; a callable among them is asked with each object."""
    missing = object()
    for name in attributes or ():
        one, other = (name(o) if callable(name) else getattr(o, name, missing) for o in (obj1, obj2))
        if one != other:
            return False
    return bool(attributes)


def without_none_values(iterable: Any) -> Any:
    """The same mapping, or the same kind of sequence, without what is None."""
    if isinstance(iterable, Mapping):
        return {key: value for key, value in iterable.items() if value is not None}
    return type(iterable)(value for value in iterable if value is not None)


def global_object_name(obj: Any) -> str:
    """The path of a class or function, as in a settings file."""
    return f"{obj.__module__}.{obj.__qualname__}"


def garbage_collect() -> None:
    """Collect what nobody refers to any more."""
    gc.collect()


def _looks_like_import_path(value: str) -> bool:
    return all(part.isidentifier() for part in value.split("."))


class MutableChain(Iterable[_T]):
    """An iterator to whose end more can be added while it runs."""

    def __init__(self, *args: Iterable[_T]) -> None:
        self.data: Iterator[_T] = chain.from_iterable(args)

    def extend(self, *iterables: Iterable[_T]) -> None:
        """Add `iterables` at the end."""
        self.data = chain(self.data, *iterables)

    def __iter__(self) -> Iterator[_T]:
        return self

    def __next__(self) -> _T:
        return next(self.data)


async def _chained(*iterables: Iterable[_T] | AsyncIterator[_T]) -> AsyncIterator[_T]:
    for iterable in iterables:
        async for value in as_async_generator(iterable):
            yield value


class MutableAsyncChain(AsyncIterator[_T]):
    """An asynchronous iterator to whose end more can be added while it runs."""

    def __init__(self, *args: Iterable[_T] | AsyncIterator[_T]) -> None:
        self.data: AsyncIterator[_T] = _chained(*args)

    def extend(self, *iterables: Iterable[_T] | AsyncIterator[_T]) -> None:
        """Add `iterables` at the end."""
        self.data = _chained(self.data, *iterables)

    def __aiter__(self) -> AsyncIterator[_T]:
        return self

    async def __anext__(self) -> _T:
        return await anext(self.data)
