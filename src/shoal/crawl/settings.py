"""Settings with priorities: a name keeps the value that was set with the most authority.

The one rule: a setting is never removed or overwritten by something of lower priority than the value it has.
"""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from shoal.crawl import defaults as default_settings
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.setting_edits import SettingEdits, as_table, table_or_words, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType
    from typing import Self

SETTINGS_PRIORITIES = {"default": 0, "command": 10, "addon": 15, "project": 20, "spider": 30, "cmdline": 40}
# Old names, and the names to use instead.
_DEPRECATED = {"DNS_RESOLVER": "TWISTED_DNS_RESOLVER", "CONCURRENT_REQUESTS_PER_IP": "CONCURRENT_REQUESTS_PER_DOMAIN"}
# Nothing in them can change: a copy of settings, of which each crawl makes two, may share them.
_UNCHANGING = {str, int, float, bool, type(None), type}
_TRUE_AND_FALSE = {"True": True, "true": True, "False": False, "false": False}


def get_settings_priority(priority: int | str) -> int:
    """The number of a priority's name; a number stays what it is."""
    return SETTINGS_PRIORITIES[priority] if isinstance(priority, str) else priority


class SettingsAttribute:
    """One value and the authority it was set with."""

    __slots__ = ("__dict__", "priority", "value")

    def __init__(self, value: Any, priority: int) -> None:
        self.value = value
        # A table of settings is as important as the most important thing in it.
        self.priority = max(value.maxpriority(), priority) if isinstance(value, BaseSettings) else priority

    def set(self, value: Any, priority: int) -> None:
        """Replace the value if `priority` is at least the present one."""
        if priority >= self.priority:
            if isinstance(self.value, BaseSettings):
                value = BaseSettings(as_table(value), priority=priority)
            self.value, self.priority = value, priority

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.priority = self.priority
        twin.value = self.value if type(self.value) in _UNCHANGING else copy.deepcopy(self.value, memo)
        return twin

    def __repr__(self) -> str:
        return f"<SettingsAttribute value={self.value!r} priority={self.priority}>"


class BaseSettings(SettingEdits):
    """A mapping of settings, empty at first. Absent names read as None; names are usually upper-case strings."""

    def __init__(self, values: Any = None, priority: int | str = "project") -> None:
        self.frozen = False
        self.attributes: dict[Any, SettingsAttribute] = {}
        if values:
            self.update(values, priority)

    def __getitem__(self, name: Any) -> Any:
        attribute = self.attributes.get(name)
        return None if attribute is None else attribute.value

    def __contains__(self, name: object) -> bool:
        return name in self.attributes

    def __iter__(self) -> Iterator[Any]:
        return iter(self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)

    def __setitem__(self, name: Any, value: Any) -> None:
        self.set(name, value)

    def __delitem__(self, name: Any) -> None:
        self._assert_mutable()
        del self.attributes[name]

    def get(self, name: Any, default: Any = None) -> Any:
        """The value of a setting, or `default` where it is absent or None."""
        if name in _DEPRECATED and name in self.attributes:
            self._warn_deprecated(name)
        value = self[name]
        return default if value is None else value

    def getbool(self, name: Any, default: bool = False) -> bool:
        """True for 1, True, "1", "True", "true"; False for their opposites and None. Else ValueError."""
        value = self.get(name, default)
        try:
            return bool(int(value))
        except ValueError:
            if value in _TRUE_AND_FALSE:
                return _TRUE_AND_FALSE[value]
            raise ValueError(
                "Supported values for boolean settings are 0/1, True/False, '0'/'1', 'True'/'False' and 'true'/'false'"
            ) from None

    def getint(self, name: Any, default: int = 0) -> int:
        """The value as a whole number."""
        return int(self.get(name, default))

    def getfloat(self, name: Any, default: float = 0.0) -> float:
        """The value as a number."""
        return float(self.get(name, default))

    def getlist(self, name: Any, default: list[Any] | None = None) -> list[Any]:
        """A copy of the value as a list; a string is split at its commas."""
        value = self.get(name, default or [])
        if not value:
            return []
        return words_of(value) if isinstance(value, str) else copy.deepcopy(list(value))

    def getdict(self, name: Any, default: dict[Any, Any] | None = None) -> dict[Any, Any]:
        """A copy of the value as a dict; a string is read as JSON."""
        value = self.get(name, default or {})
        return copy.deepcopy(dict(json.loads(value) if isinstance(value, str) else value))

    def getdictorlist(
        self, name: Any, default: dict[Any, Any] | list[Any] | tuple[Any, ...] | None = None
    ) -> dict[Any, Any] | list[Any]:
        """A copy of the value, a dict or a list; a string is read as JSON of either, else split at its commas."""
        value = self.get(name, default)
        if value is None:
            return {}
        if isinstance(value, str):
            return table_or_words(value)
        if isinstance(value, tuple):
            return copy.deepcopy(list(value))
        if not isinstance(value, (dict, list)):
            raise ValueError(f"Setting {name} must be a dict, list, tuple, or string, got {type(value).__name__}")
        return copy.deepcopy(value)

    def getwithbase(self, name: str) -> BaseSettings:
        """A table with what `name` adds to, or changes in, `name`_BASE."""
        if not isinstance(name, str):
            raise ValueError(f"Base setting key must be a string, got {name}")
        table = BaseSettings()
        for part in (self[name + "_BASE"], self[name]):
            if part:
                table.update(as_table(part))
        return table

    def get_component_priority_dict_with_base(self, name: str) -> BaseSettings:
        """`name`_BASE with what `name` adds or changes: components and their places, those with None left out."""
        return BaseSettings(self._components(name), "default")

    def getpriority(self, name: Any) -> int | None:
        """The authority `name` was set with, None for an absent one."""
        attribute = self.attributes.get(name)
        return None if attribute is None else attribute.priority

    def maxpriority(self) -> int:
        """The highest authority of all; that of "default" for an empty table."""
        if not self.attributes:
            return get_settings_priority("default")
        return max(attribute.priority for attribute in self.attributes.values())

    def set(self, name: Any, value: Any, priority: int | str = "project") -> None:
        """Set a value, unless one of higher priority is there."""
        self._assert_mutable()
        number = get_settings_priority(priority)
        if name in self.attributes:
            self.attributes[name].set(value, number)
        elif isinstance(value, SettingsAttribute):
            self.attributes[name] = value
        else:
            self.attributes[name] = SettingsAttribute(value, number)

    def setdefault(self, name: Any, default: Any = None, priority: int | str = "project") -> Any:
        """The value of `name`, which is set to `default` where it is absent."""
        if name not in self:
            self.set(name, default, priority)
        return self.attributes[name].value

    def setdict(self, values: Any, priority: int | str = "project") -> None:
        """The same as `update`, under its old name."""
        self.update(values, priority)

    def setmodule(self, module: ModuleType | str, priority: int | str = "project") -> None:
        """Take every upper-case name of a module, or of the module with that path."""
        self._assert_mutable()
        if isinstance(module, str):
            module = import_module(module)
        for name in dir(module):
            if name.isupper():
                self.set(name, getattr(module, name), priority)

    def update(self, values: Any, priority: int | str = "project") -> None:  # type: ignore[override]
        """Set many: from a mapping, from pairs, from JSON. Values of another BaseSettings keep their own priority."""
        self._assert_mutable()
        if isinstance(values, str):
            values = json.loads(values)
        if values is None:
            return
        if isinstance(values, BaseSettings):
            for name, attribute in values.attributes.items():
                self.set(name, attribute.value, attribute.priority)
            return
        for name, value in _pairs(values):
            self.set(name, value, priority)

    def delete(self, name: Any, priority: int | str = "project") -> None:
        """Remove a setting, unless it has a higher priority. Raises KeyError for an absent one."""
        if name not in self:
            raise KeyError(name)
        self._assert_mutable()
        if get_settings_priority(priority) >= cast("int", self.getpriority(name)):
            del self.attributes[name]

    def pop(self, name: Any, *default: Any) -> Any:
        """The value of `name`, which is removed; `default`, or else a KeyError, where it is absent."""
        if name not in self.attributes and default:
            return default[0]
        value = self.attributes[name].value
        del self[name]
        return value

    def freeze(self) -> None:
        """From now on every change is a TypeError."""
        self.frozen = True

    def copy(self) -> Self:
        """A copy that shares nothing with this one."""
        return copy.deepcopy(self)

    def frozencopy(self) -> Self:
        """A copy that cannot be changed."""
        frozen = self.copy()
        frozen.freeze()
        return frozen

    def copy_to_dict(self) -> dict[Any, Any]:
        """A plain dict of copies; tables inside become plain dicts, keys that are classes become their paths."""
        return self.copy()._to_dict()

    def _to_dict(self) -> dict[Any, Any]:
        return {
            _key(name): value._to_dict() if isinstance(value, BaseSettings) else value for name, value in self.items()
        }

    def _assert_mutable(self) -> None:
        if self.frozen:
            raise TypeError("Trying to modify an immutable Settings object")

    def _warn_deprecated(self, name: str) -> None:
        if name == "CONCURRENT_REQUESTS_PER_IP" and not self[name]:
            return
        instead = _DEPRECATED[name]
        warnings.warn(
            f"The {name} setting is deprecated, use {instead} instead.", ScrapyDeprecationWarning, stacklevel=3
        )

    def _repr_pretty_(self, p: Any, cycle: bool) -> None:
        """How IPython shows the settings."""
        from pprint import pformat

        p.text(repr(self) if cycle else pformat(self.copy_to_dict()))


class Settings(BaseSettings):
    """The settings of a crawl: Scrapy's names with their default values, and `values` on top."""

    def __init__(self, values: Any = None, priority: int | str = "project") -> None:
        super().__init__()
        self.setmodule(default_settings, "default")
        for name, value in list(self.items()):
            if isinstance(value, dict):
                self.set(name, BaseSettings(value, "default"), "default")
        self.update(values, priority)


def _pairs(values: Any) -> Iterable[tuple[Any, Any]]:
    return values.items() if isinstance(values, Mapping) else values


def _key(name: Any) -> Any:
    return f"{name.__module__}.{name.__qualname__}" if isinstance(name, type) else name
