"""Add-ons: components that set other settings.

The one rule: an add-on may change settings and nothing else, before the components they name are built.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import build_from_crawler, component_order, load_object
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.setting_edits import as_table

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.settings import BaseSettings, Settings

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.addons")


class AddonManager:
    """The add-ons of one crawler, in the order of their numbers in ADDONS."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.addons: list[Any] = []

    def load_settings(self, settings: Settings) -> None:
        """Build the add-ons and let each change the settings. One that raises NotConfigured is left out."""
        for component in component_order(as_table(settings["ADDONS"])):
            self._enable(component, settings)
        if self.addons:
            logger.info("Enabled addons:\n%(addons)s", {"addons": self.addons}, extra={"crawler": self.crawler})

    def _enable(self, component: Any, settings: Settings) -> None:
        try:
            addon = build_from_crawler(component, self.crawler)
            if hasattr(addon, "update_settings"):
                addon.update_settings(settings)
        except NotConfigured as reason:
            if reason.args:
                logger.warning(
                    "Disabled %(clspath)s: %(eargs)s",
                    {"clspath": component, "eargs": reason.args[0]},
                    extra={"crawler": self.crawler},
                )
        else:
            self.addons.append(addon)

    @classmethod
    def load_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Let add-ons change what is needed before there is a crawler, such as where spiders are found."""
        for component in component_order(as_table(settings["ADDONS"])):
            addon = load_object(component)
            if hasattr(addon, "update_pre_crawler_settings"):
                addon.update_pre_crawler_settings(settings)
