"""Reading scrapy.cfg, tables of components and the arguments of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.components import component_order as build_component_list
from shoal.crawl.feed_options import complete_feed as feed_complete_default_values_from_settings
from shoal.crawl.feed_options import feeds_from_command_line as feed_process_params_from_cli
from shoal.crawl.project import closest_scrapy_cfg, get_config, get_sources, init_env

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "arglist_to_dict",
    "build_component_list",
    "closest_scrapy_cfg",
    "feed_complete_default_values_from_settings",
    "feed_process_params_from_cli",
    "get_config",
    "get_sources",
    "init_env",
]


def arglist_to_dict(arglist: Iterable[str]) -> dict[str, str]:
    """`["a=1", "b=2"]` as `{"a": "1", "b": "2"}`. Raises ValueError for an argument without "="."""
    return dict(argument.split("=", 1) for argument in arglist)
