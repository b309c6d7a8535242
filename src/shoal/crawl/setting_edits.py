"""Changes inside a setting that is a list or a table of components: what add-ons do.

The one rule: a component is the same whether a table names it by its class, by its path or by another path to it; a
change keeps the priority of the setting as a whole.
"""

from __future__ import annotations

import json
import logging
from abc import abstractmethod
from collections.abc import MutableMapping
from typing import Any

from shoal.crawl.components import object_path, same_component

# Scrapy's name of the logger: filters and tests of users look for it.
logger = logging.getLogger("scrapy.settings")


class SettingEdits(MutableMapping[Any, Any]):
    """The part of BaseSettings that looks inside lists and tables; it builds on a few methods of the whole."""

    @abstractmethod
    def set(self, name: Any, value: Any, priority: int | str = ...) -> None:
        """Set a value, unless one of higher priority is there."""

    @abstractmethod
    def getlist(self, name: Any) -> list[Any]:
        """A copy of the value as a list."""

    @abstractmethod
    def getdict(self, name: Any) -> dict[Any, Any]:
        """A copy of the value as a dict."""

    @abstractmethod
    def getpriority(self, name: Any) -> int | None:
        """The authority `name` was set with."""

    def add_to_list(self, name: Any, item: Any) -> None:
        """Append `item` to the list, unless it is there."""
        values = self.getlist(name)
        if item not in values:
            self.set(name, [*values, item], self.getpriority(name) or 0)

    def remove_from_list(self, name: Any, item: Any) -> None:
        """Take `item` out of the list. Raises ValueError when it is not there."""
        values = self.getlist(name)
        if item not in values:
            raise ValueError(f"{item!r} not found in the {name} setting ({values!r}).")
        self.set(name, [value for value in values if value != item], self.getpriority(name) or 0)

    def _components(self, name: str) -> dict[Any, Any]:
        """`name`_BASE with what `name` adds or changes: components and their places, those with None left out."""
        if not isinstance(name, str):
            raise ValueError(f"Base setting key must be a string, got {name}")
        merged: dict[Any, tuple[Any, Any]] = {}
        for setting in (name + "_BASE", name):
            merged |= self._by_component(setting)
        return {key: place for key, place in merged.values() if place is not None}

    def _by_component(self, setting: str) -> dict[Any, tuple[Any, Any]]:
        """Component -> (its key, its place); of two keys for one component the later wins, and the log says so."""
        found: dict[Any, tuple[Any, Any]] = {}
        for key, place in as_table(self[setting]).items():
            component = same_component(key)
            if component in found:
                logger.warning(
                    "Setting %(setting)s contains multiple keys for %(component)s, %(keys)s: the last one counts.",
                    {"setting": setting, "component": object_path(component), "keys": [found[component][0], key]},
                )
            found[component] = key, place
        return found

    def replace_in_component_priority_dict(
        self, name: str, old_cls: type, new_cls: type, priority: int | None = None
    ) -> None:
        """Put `new_cls` in the place of `old_cls`, or in place `priority`. Raises KeyError where the old one is off."""
        table = self.getdict(name)
        places = [table.pop(key) for key in _keys_of(table, old_cls)]
        if not places or None in places:
            raise KeyError(f"{old_cls} not found in the {name} setting ({self[name]!r}).")
        table[new_cls] = places[-1] if priority is None else priority
        self.set(name, table, self.getpriority(name) or 0)

    def set_in_component_priority_dict(self, name: str, cls: type, priority: int | None) -> None:
        """Give `cls` that place, whatever names it had in the table."""
        table = self.getdict(name)
        for key in _keys_of(table, cls):
            del table[key]
        table[cls] = priority
        self.set(name, table, self.getpriority(name) or 0)

    def setdefault_in_component_priority_dict(self, name: str, cls: type, priority: int | None) -> None:
        """Give `cls` that place, unless the table knows it already."""
        table = self.getdict(name)
        if not _keys_of(table, cls):
            table[cls] = priority
            self.set(name, table, self.getpriority(name) or 0)


def as_table(value: Any) -> Any:
    """A table of components; old projects list them, and the order of the list is the order of running."""
    if isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, (list, tuple, set, frozenset)) and all(isinstance(part, (str, type)) for part in value):
        return {component: place for place, component in enumerate(value)}
    return value or {}


def words_of(text: str) -> list[str]:
    """The parts of a list written with commas."""
    return [part.strip() for part in text.split(",")]


def table_or_words(text: str) -> dict[Any, Any] | list[Any]:
    """A table or list written in JSON, or a list written with commas."""
    try:
        table = json.loads(text)
    except ValueError:
        return words_of(text)
    return table if isinstance(table, (dict, list)) else words_of(text)


def _keys_of(table: dict[Any, Any], cls: type) -> list[Any]:
    wanted = same_component(cls)
    return [key for key in table if same_component(key) == wanted]
