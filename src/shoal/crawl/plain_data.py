"""Python values as JSON that gives back the same values: for what a crawl keeps on disk.

The one rule: reading it runs no code but the classes of items. Kinds that JSON has not (bytes, tuples, sets, dates,
decimals, items, keys that are no strings) are written as `{"!kind": value}`; everything else is refused.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import load_module
from shoal.crawl.item import Item

if TYPE_CHECKING:
    from collections.abc import Callable

# Kind -> (its name, how it is written, how it is read). Subclasses before their bases.
_KINDS: list[tuple[type, str, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (tuple, "tuple", list, tuple),
    (set, "set", list, set),
    (frozenset, "frozenset", list, frozenset),
    (bytes, "bytes", lambda value: base64.b64encode(value).decode("ascii"), base64.b64decode),
    (datetime, "datetime", datetime.isoformat, datetime.fromisoformat),
    (date, "date", date.isoformat, date.fromisoformat),
    (time, "time", time.isoformat, time.fromisoformat),
    (timedelta, "timedelta", lambda value: [value.days, value.seconds, value.microseconds], lambda v: timedelta(*v)),
    (Decimal, "decimal", str, Decimal),
]
_READERS = {name: read for _, name, _, read in _KINDS} | {"dict": dict}
_READERS["item"] = lambda told: _read_item(*told)
_MARK = "!"


def dumps(value: Any) -> str:
    """The value as JSON text. Raises TypeError naming the kind of a value that cannot be written."""
    return json.dumps(_written(value), ensure_ascii=False)


def loads(text: str) -> Any:
    """The value that was written. Raises ValueError for text that `dumps` has not made."""
    return json.loads(text, object_hook=_read)


def _written(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in (str, bool, int, float):
        return value
    if kind is list:
        return [_written(part) for part in value]
    if kind is dict:
        return _written_dict(value)
    for known, name, write, _ in _KINDS:
        if kind is known:
            return {_MARK + name: _written(write(value))}
    if _is_item_class(kind) and "<locals>" not in kind.__qualname__:
        from itemadapter import ItemAdapter

        return {_MARK + "item": [kind.__module__, kind.__qualname__, _written_dict(dict(ItemAdapter(value)))]}
    raise TypeError(f"cannot keep a value of type {kind.__module__}.{kind.__qualname__}: {value!r:.80}")


def _written_dict(value: dict[Any, Any]) -> dict[str, Any]:
    if all(type(key) is str and not key.startswith(_MARK) for key in value):
        return {key: _written(part) for key, part in value.items()}
    return {_MARK + "dict": [[_written(key), _written(part)] for key, part in value.items()]}


def _read(table: dict[str, Any]) -> Any:
    if len(table) == 1:
        name, value = next(iter(table.items()))
        if name.startswith(_MARK):
            return _reader(name)(value)
    return table


def _reader(name: str) -> Callable[[Any], Any]:
    try:
        return _READERS[name.removeprefix(_MARK)]
    except KeyError:
        raise ValueError(f"{name!r} is no kind of value that Shoal writes") from None


def _is_item_class(kind: Any) -> bool:
    """Whether its objects are items: an Item, a dataclass, a class of attrs or of pydantic; no kind of dict."""
    if not isinstance(kind, type) or issubclass(kind, dict):
        return False
    from itemadapter import ItemAdapter  # dear to import, and seldom needed

    return ItemAdapter.is_item_class(kind)


def _read_item(module: str, name: str, values: dict[str, Any]) -> Any:
    """Raises ValueError when the name means anything but a class of items."""
    found: Any = load_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if not _is_item_class(found):
        raise ValueError(f"{module}.{name} is no class of items")
    return found(values) if issubclass(found, Item) else found(**values)
