"""Components that watch over a crawl: one file each, connected to its signals.

The one rule: an extension is built once per crawl and is called by nobody but the signals.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from shoal.crawl.chain import MiddlewareManager
from shoal.crawl.components import component_order

if TYPE_CHECKING:
    from shoal.crawl.settings import BaseSettings


class ExtensionManager(MiddlewareManager):
    """The extensions that EXTENSIONS asks for."""

    component_name = "extension"

    @classmethod
    def _get_mwlist_from_settings(cls, settings: BaseSettings) -> list[Any]:
        table = settings.get_component_priority_dict_with_base("EXTENSIONS")
        base = settings["EXTENSIONS_BASE"] or {}
        return component_order({key: place for key, place in table.items() if key not in base or _exists(key)})


def _exists(component: Any) -> bool:
    """Whether Shoal has this one of Scrapy's own extensions."""
    try:
        return not isinstance(component, str) or find_spec("shoal." + component.rpartition(".")[0]) is not None
    except ModuleNotFoundError:
        return False
