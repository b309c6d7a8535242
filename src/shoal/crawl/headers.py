"""HTTP headers as a dict: names in one spelling, every value kept, everything bytes.

The one rule: what is stored is ready to be sent, so names are title-cased bytes and values are lists of bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from w3lib.http import headers_dict_to_raw

from shoal.crawl.mappings import CaseInsensitiveDict

if TYPE_CHECKING:
    from collections.abc import ValuesView
    from typing import Self

HeaderSource: TypeAlias = "Mapping[Any, Any] | Iterable[tuple[Any, Any]]"

_KNOWN_NAMES: dict[str | bytes, bytes] = {}
_KNOWN_NAMES_LIMIT = 4096


def header_name(name: str | bytes, encoding: str = "utf-8") -> bytes:
    """The one spelling of a header's name: `content-type` becomes `b"Content-Type"`."""
    known = _KNOWN_NAMES.get(name)
    if known is not None:
        return known
    titled = name.title()
    stored = titled if isinstance(titled, bytes) else titled.encode(encoding)
    if name.isascii() and len(_KNOWN_NAMES) < _KNOWN_NAMES_LIMIT:
        _KNOWN_NAMES[name] = stored
    return stored


def _value_bytes(value: Any, encoding: str) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode(encoding)
    if isinstance(value, int):
        return str(value).encode(encoding)
    raise TypeError(f"Unsupported value type: {type(value)}")


def _values(value: Any, encoding: str) -> list[bytes]:
    if type(value) is bytes:
        return [value]
    if value is None:
        return []
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return [_value_bytes(value, encoding)]
    return [one if type(one) is bytes else _value_bytes(one, encoding) for one in value]


class Headers(dict[bytes, list[bytes]]):
    """Headers by name, whatever the name's case: `headers["Set-Cookie"]` is the last value, `getlist` gives all.

    `source` is a mapping or pairs; a value is bytes, str, int, None (no value: not sent) or a list of these.
    Raises TypeError for a value of another kind.
    """

    __slots__ = ("encoding",)

    def __init__(self, source: HeaderSource | None = None, encoding: str = "utf-8") -> None:
        super().__init__()
        self.encoding = encoding
        if source:
            self.update(source)

    def normkey(self, key: str | bytes) -> bytes:
        """The spelling under which `key` is stored."""
        return header_name(key, self.encoding)

    def normvalue(self, value: Any) -> list[bytes]:
        """The list of bytes that is stored for `value`."""
        return _values(value, self.encoding)

    def update(self, source: HeaderSource) -> None:  # type: ignore[override]
        """Set the headers of `source`; names that it gives more than once keep all their values."""
        if isinstance(source, Headers):
            for name, values in dict.items(source):
                dict.__setitem__(self, name, values[:])
            return
        new: dict[bytes, list[bytes]] = {}
        pairs = source.items() if type(source) is dict or isinstance(source, Mapping) else source
        encoding = self.encoding
        for key, value in pairs:
            name = _KNOWN_NAMES.get(key) or header_name(key, encoding)
            if name in new:
                new[name] += _values(value, encoding)
            else:
                new[name] = _values(value, encoding)
        dict.update(self, new)

    def __getitem__(self, key: str | bytes) -> bytes | None:  # type: ignore[override]
        values = super().__getitem__(header_name(key, self.encoding))
        return values[-1] if values else None

    def __setitem__(self, key: str | bytes, value: Any) -> None:
        super().__setitem__(self.normkey(key), self.normvalue(value))

    def __delitem__(self, key: str | bytes) -> None:
        super().__delitem__(header_name(key, self.encoding))

    def __contains__(self, key: object) -> bool:
        return super().__contains__(header_name(cast("str", key), self.encoding))

    has_key = __contains__

    def get(self, key: str | bytes, def_val: Any = None) -> bytes | None:  # type: ignore[override]
        """The last value of header `key`, else `def_val` as bytes."""
        values = super().get(header_name(key, self.encoding))
        if values is None:
            values = _values(def_val, self.encoding)
        return values[-1] if values else None

    def getlist(self, key: str | bytes, def_val: Any = None) -> list[bytes]:
        """All values of header `key`, else `def_val` as a list of bytes."""
        values = super().get(header_name(key, self.encoding))
        return _values(def_val, self.encoding) if values is None else values

    def setlist(self, key: str | bytes, list_: Iterable[Any]) -> None:
        """Replace all values of header `key`."""
        self[key] = list_

    def setdefault(self, key: str | bytes, def_val: Any = None) -> list[bytes]:
        """All values of header `key`, which is first set to `def_val` when it is not there."""
        return super().setdefault(self.normkey(key), self.normvalue(def_val))

    def setlistdefault(self, key: str | bytes, default_list: Iterable[Any] = ()) -> list[bytes]:
        """As `setdefault`, with several values."""
        return self.setdefault(key, default_list)

    def appendlist(self, key: str | bytes, value: Any) -> None:
        """Add one or more values to header `key`."""
        super().setdefault(self.normkey(key), []).extend(self.normvalue(value))

    def pop(self, key: str | bytes, *default: Any) -> Any:
        """Take header `key` out: the list of its values, else `default`, else KeyError."""
        return super().pop(header_name(key, self.encoding), *default)

    def values(self) -> ValuesView[bytes | None]:  # type: ignore[override]
        """The last value of each header."""
        return cast("ValuesView[bytes | None]", [self[key] for key in self])

    @classmethod
    def fromkeys(cls, keys: Iterable[str | bytes], value: Any = None) -> Self:  # type: ignore[override]
        """Headers that all have the same `value`."""
        return cls([(key, value) for key in keys])

    def copy(self) -> Self:
        """Headers of their own: the lists of values are copied, too."""
        return type(self)(self, encoding=self.encoding)

    __copy__ = copy

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        self.update(other)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(dict.items(self)), self.encoding)

    def to_string(self) -> bytes:
        """The headers as they stand on the wire, without the last line break."""
        return headers_dict_to_raw(cast("dict[bytes, Any]", self))

    def to_unicode_dict(self) -> CaseInsensitiveDict:
        """Names and values as str; several values are joined with a comma (RFC 9110, section 5.3)."""
        joined = ((name, b",".join(values)) for name, values in dict.items(self))
        return CaseInsensitiveDict((n.decode(self.encoding), v.decode(self.encoding)) for n, v in joined)
