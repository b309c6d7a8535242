"""Settings and their priorities."""

import shoal.crawl.settings as _home
from shoal.crawl.overridden import iter_default_settings, overridden_settings
from shoal.crawl.settings import (
    SETTINGS_PRIORITIES,
    BaseSettings,
    Settings,
    SettingsAttribute,
    get_settings_priority,
)
from shoal.scrapy._mirror import mirror
from shoal.scrapy.settings import default_settings

__all__ = [
    "SETTINGS_PRIORITIES",
    "BaseSettings",
    "Settings",
    "SettingsAttribute",
    "default_settings",
    "get_settings_priority",
    "iter_default_settings",
    "overridden_settings",
]

mirror(__name__, _home)
