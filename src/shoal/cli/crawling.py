"""The commands of the crawler: Scrapy's command line, under the name of `shoal`.

The one rule: within these commands, and nowhere else, `import scrapy` means Shoal; also where Scrapy is installed,
for whoever calls `shoal crawl` has asked for it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from shoal import __version__
from shoal.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Sequence


LIBRARIES = frozenset(
    {"cssselect", "itemadapter", "itemloaders", "jmespath", "lxml", "parsel", "protego", "pydispatch", "queuelib"}
    | {"tldextract", "w3lib"}
)


def crawl_command(words: Sequence[str]) -> int:
    """Run a command of the crawler; returns the exit status.

    Raises MachineError when the libraries of the crawler are not installed.
    """
    if "" not in sys.path:
        sys.path.insert(0, "")  # a project's modules are found where the command is called, as with `python -m`
    try:
        return _run(words)
    except ModuleNotFoundError as problem:
        if problem.name not in LIBRARIES:
            raise
        raise MachineError(
            f"the crawler needs {problem.name}, which is not installed: pip install 'shoal[crawl]'"
        ) from None


def _run(words: Sequence[str]) -> int:
    from shoal.scrapy import install

    install(over_scrapy=True)
    from shoal.scrapy.cmdline import Program, run

    return run(["shoal", *words], program=Program("shoal", f"Shoal {__version__}"))
