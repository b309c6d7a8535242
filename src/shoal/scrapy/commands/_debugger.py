"""`--pdb`: the debugger, entered where an error is logged.

The one rule: nothing happens for a log line that carries no traceback.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys


class _Debugger(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        trace = record.exc_info[2] if record.exc_info else None
        if trace is not None:
            importlib.import_module("pdb").post_mortem(trace)


def enter_at_errors() -> None:
    """From now on an error that is logged with a traceback opens pdb there, or ipdb where that is installed."""
    with contextlib.suppress(ImportError):
        sys.modules["pdb"] = importlib.import_module("ipdb")
    logging.root.addHandler(_Debugger(logging.ERROR))
