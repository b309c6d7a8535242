"""`runspider`: run the spider in a file, without a project."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from shoal.crawl.exceptions import UsageError
from shoal.crawl.spiderloader import spiders_of
from shoal.scrapy.commands._crawling import CrawlingCommand
from shoal.scrapy.commands._outcome import run_spider

if TYPE_CHECKING:
    import argparse
    from types import ModuleType

_SUFFIXES = (".py", ".pyw")


class Command(CrawlingCommand):
    """Runs the spider that a Python file defines."""

    default_settings: ClassVar = {"SPIDER_LOADER_WARN_ONLY": True}

    def syntax(self) -> str:
        """A file."""
        return "[options] <spider_file>"

    def short_desc(self) -> str:
        """In the list of commands."""
        return "Run a spider from a Python file, no project required"

    def long_desc(self) -> str:
        """The help's beginning."""
        return "Run the spider defined in the given file; of several, the last one."

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run it. Raises UsageError for a file that is none, or has no spider."""
        if len(args) != 1:
            raise UsageError
        file = Path(args[0])
        if not file.exists():
            raise UsageError(f"File not found: {file}")
        module = _import(file)
        spiders = list(spiders_of(module))
        if not spiders:
            raise UsageError(f"No spider found in file: {file}")
        self.exitcode = run_spider(self, spiders[-1], opts)


def _import(file: Path) -> ModuleType:
    """The file as a module; what lies beside it can be imported by it."""
    if file.suffix not in _SUFFIXES:
        raise UsageError(f"Unable to load '{file}': not a Python source file")
    specification = spec_from_file_location(file.stem, file)
    assert specification is not None and specification.loader is not None
    module = module_from_spec(specification)
    folder = str(file.resolve().parent)
    sys.path.insert(0, folder)
    sys.modules[file.stem] = module
    try:
        specification.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    return module
