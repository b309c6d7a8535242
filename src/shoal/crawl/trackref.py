"""Which objects of some classes are alive, for whoever looks for a leak.

The one rule: only what inherits from `object_ref` is tracked. Requests and responses are not: it would cost each of
them more than making it.
"""

from __future__ import annotations

from operator import itemgetter
from time import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

#: Class -> living objects of it -> when they were made. Both levels are weak.
live_refs: WeakKeyDictionary[type, WeakKeyDictionary[object, float]] = WeakKeyDictionary()


class object_ref:  # noqa: N801  Scrapy's name
    """Base of classes whose living objects are counted."""

    __slots__ = ("__weakref__",)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:  # noqa: ARG004  its subclasses take them
        """A new object, counted."""
        new = object.__new__(cls)
        live_refs.setdefault(cls, WeakKeyDictionary())[new] = time()
        return new


def format_live_refs(ignore: Any = ()) -> str:
    """A table of classes, counts and ages, without those that are, or inherit from, `ignore`."""
    lines = ["Live References", ""]
    now = time()
    for cls, objects in sorted(live_refs.items(), key=lambda entry: entry[0].__name__):
        if objects and not issubclass(cls, ignore):
            age = now - min(objects.values())
            lines.append(f"{cls.__name__:<30} {len(objects):6}   oldest: {int(age)}s ago")
    return "\n".join(lines) + "\n"


def print_live_refs(*a: Any, **kw: Any) -> None:
    """Print the table."""
    print(format_live_refs(*a, **kw))  # noqa: T201  it is what the function is for


def get_oldest(class_name: str) -> Any:
    """The oldest living object of the class of that name, or None."""
    for cls, objects in list(live_refs.items()):
        if cls.__name__ == class_name and objects:
            return min(objects.items(), key=itemgetter(1))[0]
    return None


def iter_all(class_name: str) -> Iterable[Any]:
    """All living objects of the class of that name."""
    for cls, objects in list(live_refs.items()):
        if cls.__name__ == class_name:
            return objects.keys()
    return ()
