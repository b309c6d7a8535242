"""What a crawl's settings change.

The one rule: only scalars and lists are told; tables of components have log lines of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl import defaults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def iter_default_settings() -> Iterator[tuple[str, Any]]:
    """The names and values that nobody has to set."""
    return ((name, getattr(defaults, name)) for name in dir(defaults) if name.isupper())


def overridden_settings(settings: Mapping[Any, Any]) -> dict[str, Any]:
    """The settings that differ from their default values: what the log shows when a crawl begins."""
    return {
        name: settings[name]
        for name, default in iter_default_settings()
        if not isinstance(default, dict) and settings[name] != default
    }
