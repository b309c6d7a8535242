"""Items with declared fields: a dictionary that refuses a misspelt key.

The one rule: the fields of a class are those of its ancestors in the method resolution order, nearest first, and a
class that is no item adds none, whatever attributes it has.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections import deque
from collections.abc import Iterator, KeysView, MutableMapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from typing import Self

_ItemType = TypeVar("_ItemType", bound="ItemMeta")


class Field(dict[str, Any]):
    """What is known of one field, such as `serializer` or the processors of a loader: any keys you like."""


def _declared(namespace: dict[str, Any]) -> dict[str, Field]:
    """The fields a class body declares itself, in the order written: `fields = {...}` first."""
    fields: dict[str, Field] = dict(namespace.get("fields") or {})
    fields.update((name, value) for name, value in namespace.items() if isinstance(value, Field))
    return fields


class ItemMeta(ABCMeta):
    """Collects the fields of an item class and takes them out of the attributes, so that `keys` can be a field."""

    _own_fields: dict[str, Field]

    def __new__(  # noqa: D102 - told by the class
        mcs: type[_ItemType], name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> _ItemType:
        own = _declared(namespace)
        # Only a class that exists knows its method resolution order, and hooks such as __init_subclass__ must
        # already see `fields`: so an empty class with the same bases is asked first.
        order = super().__new__(mcs, name, bases, {}, **options).__mro__
        fields: dict[str, Field] = {}
        for ancestor in reversed(order[1:]):
            fields.update(ancestor.__dict__.get("_own_fields") or {})
        if fields or own:
            _tell_itemadapter()
        body = {key: value for key, value in namespace.items() if not isinstance(value, Field)}
        return super().__new__(mcs, name, bases, {**body, "_own_fields": own, "fields": {**fields, **own}}, **options)


class Item(MutableMapping[str, Any], metaclass=ItemMeta):
    """An item whose fields are declared in its class: `title = Field()`. Values are reached by key, as in a dict.

    A key that is not declared raises KeyError; an attribute that is not private raises AttributeError.
    """

    fields: dict[str, Field]
    _values: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__["_values"] = {}
        if args or kwargs:
            for key, value in dict(*args, **kwargs).items():
                self[key] = value

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self.fields:
            raise KeyError(f"{type(self).__name__} does not support field: {key}")
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __getattr__(self, name: str) -> NoReturn:
        if name in type(self).fields:
            raise AttributeError(f"Use item[{name!r}] to get field value")
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise AttributeError(f"Use item[{name!r}] = {value!r} to set field value")
        super().__setattr__(name, value)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    # Two items are equal when their values are, yet sets and weak dictionaries of items tell them apart.
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        from pprint import pformat

        return pformat(dict(self))

    def keys(self) -> KeysView[str]:
        """The names of the fields that have a value, in the order they were given."""
        return self._values.keys()

    def copy(self) -> Self:
        """A new item with the same values."""
        return self.__class__(self)

    def deepcopy(self) -> Self:
        """A new item with copies of the values, all the way down."""
        return deepcopy(self)


_told: list[type] = []


def _tell_itemadapter() -> None:
    """Let ItemAdapter, which exporters, loaders and pipelines use for every kind of item, know this one, too.

    It imports every library of items that is installed, up to 100 ms: so it is told when a class declares fields, not
    before. Where `scrapy` is a name for Shoal it finds `scrapy.item.Item` by itself, later than now.
    """
    alias = getattr(sys.modules.get("scrapy"), "__name__", "") == "shoal.scrapy"
    if _told or (alias and "itemadapter" not in sys.modules):
        return
    from itemadapter.adapter import ItemAdapter, ScrapyItemAdapter

    class ShoalItemAdapter(ScrapyItemAdapter):
        """ItemAdapter's view of an item: its fields are those of its class."""

        @classmethod
        def is_item(cls, item: Any) -> bool:
            return isinstance(item, Item)

        @classmethod
        def is_item_class(cls, item_class: type) -> bool:
            return issubclass(item_class, Item)

    ItemAdapter.ADAPTER_CLASSES = deque([ShoalItemAdapter, *ItemAdapter.ADAPTER_CLASSES])
    _told.append(ShoalItemAdapter)
