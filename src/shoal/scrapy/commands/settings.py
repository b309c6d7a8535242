"""`settings`: the value of a setting, as it holds here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from shoal.crawl.settings import BaseSettings
from shoal.scrapy.commands import ScrapyCommand, say

if TYPE_CHECKING:
    import argparse

# Option -> the way the settings are asked.
_WAYS = {"get": "as it is", "getbool": "as a boolean", "getint": "as an integer", "getfloat": "as a float"}
_WAYS["getlist"] = "as a list"


class Command(ScrapyCommand):
    """Prints one setting: the project's inside a project, else the default."""

    requires_crawler_process = False
    default_settings: ClassVar = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Options only."""
        return "[options]"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Get settings values"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """An option for every kind of value."""
        super().add_options(parser)
        for way, how in _WAYS.items():
            parser.add_argument(f"--{way}", metavar="SETTING", help=f"print the setting {how}")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Print it; nothing without an option."""
        for way in _WAYS:
            name = getattr(opts, way)
            if name:
                say(_printed(getattr(self._settings(), way)(name)))
                return


def _printed(value: Any) -> str:
    return json.dumps(_with_text_keys(value.copy_to_dict())) if isinstance(value, BaseSettings) else str(value)


def _with_text_keys(value: Any) -> Any:
    """Tables may have paths and classes as keys, which JSON has not."""
    return {str(key): _with_text_keys(part) for key, part in value.items()} if isinstance(value, dict) else value
