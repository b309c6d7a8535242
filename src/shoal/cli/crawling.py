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


def crawl_command(words: Sequence[str]) -> int:
    """Run a command of the crawler; returns the exit status.

    Raises MachineError when the libraries of the crawler are not installed.
    """
    from shoal.scrapy import install

    install(over_scrapy=True)
    if "" not in sys.path:
        sys.path.insert(0, "")  # a project's modules are found where the command is called, as with `python -m`
    try:
        from shoal.scrapy.cmdline import Program, run
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] in {"shoal", "scrapy"}:
            raise
        raise MachineError(
            f"the crawler needs {problem.name}, which is not installed: pip install 'shoal[crawl]'"
        ) from None
    return run(["shoal", *words], program=Program("shoal", f"Shoal {__version__}"))
