"""Small mappings that the standard library lacks: keys without case, and caches with a limit.

The one rule: a cache may forget, never grow beyond its limit, and never keep its key alive when it says so.
"""

from __future__ import annotations

from collections import OrderedDict, UserDict
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import Self

_K = TypeVar("_K")
_V = TypeVar("_V")


class CaseInsensitiveDict(UserDict[Any, Any]):
    """A dict whose str or bytes keys are the same in any case; the last spelling is the one it lists.

    A subclass may say in `_normkey` how a key is listed and in `_normvalue` what is stored.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._listed: dict[Any, Any] = {}
        super().__init__(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self.data[self._listed[key.lower()]]

    def __setitem__(self, key: Any, value: Any) -> None:
        if key in self:
            del self[key]
        listed = self._normkey(key)
        self.data[listed] = self._normvalue(value)
        self._listed[key.lower()] = listed

    def __delitem__(self, key: Any) -> None:
        del self.data[self._listed.pop(key.lower())]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (str, bytes)) and key.lower() in self._listed

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]
        self.update(other)
        return self

    def copy(self) -> Self:
        """A shallow copy that shares nothing but the values."""
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.data = self.data.copy()
        new._listed = self._listed.copy()
        return new

    __copy__ = copy

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.data!r}>"

    def _normkey(self, key: Any) -> Any:
        return key

    def _normvalue(self, value: Any) -> Any:
        return value


class LocalCache(OrderedDict[_K, _V]):
    """A dict that forgets its oldest entries beyond `limit` (None: never)."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__()
        self.limit = limit

    def __setitem__(self, key: _K, value: _V) -> None:
        super().__setitem__(key, value)
        while self.limit is not None and len(self) > self.limit:
            self.popitem(last=False)


class LocalWeakReferencedCache(WeakKeyDictionary[_K, _V]):
    """A cache beside objects: an entry lives no longer than its key; what cannot be weakly referenced is not kept."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__()
        self.data: LocalCache[Any, Any] = LocalCache(limit=limit)

    def __setitem__(self, key: _K, value: _V) -> None:
        try:
            super().__setitem__(key, value)
        except TypeError:
            return

    def __getitem__(self, key: _K) -> _V | None:  # type: ignore[override]
        try:
            return super().__getitem__(key)
        except (TypeError, KeyError):
            return None


class SequenceExclude:
    """What holds everything but the members of `seq`."""

    def __init__(self, seq: Iterable[Any] | Container[Any]) -> None:
        self.seq = seq

    def __contains__(self, item: Any) -> bool:
        return item not in self.seq
