"""Components that watch over a crawl: one file each, connected to its signals.

The one rule: an extension is built once per crawl and is called by nobody but the signals.
"""

from __future__ import annotations

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
        return component_order(settings.get_component_priority_dict_with_base("EXTENSIONS"))
