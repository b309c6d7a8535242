"""scrapy.conf: the settings as a global, as Scrapy before 1.0 had them: `from scrapy.conf import settings`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from shoal.crawl.project import get_project_settings

if TYPE_CHECKING:
    from shoal.crawl.settings import Settings

    settings: Settings

__all__ = ["settings"]


@cache
def _project_settings() -> Settings:
    return get_project_settings()


def __getattr__(name: str) -> Any:
    """The project's settings, read when they are first wanted."""
    if name == "settings":
        return _project_settings()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
