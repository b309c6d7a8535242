"""Callbacks that do not do what their author meant: a generator whose `return` throws a value away.

The one rule: judged by the compiled code, so that neither decorators nor odd indentation of the source matter.
"""

from __future__ import annotations

import dis
import inspect
import warnings
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_PADDING = frozenset({"CACHE", "NOP", "RESUME"})


def is_generator_with_return_value(function: Callable[..., Any]) -> bool:
    """Whether `function` is a generator in which a `return` has a value that is not None."""
    while isinstance(function, partial):
        function = function.func
    if not inspect.isgeneratorfunction(function):
        return False
    code = [step for step in dis.get_instructions(function) if step.opname not in _PADDING]
    for before, step in pairwise(code):
        if step.opname == "RETURN_CONST" and step.argval is not None:
            return True
        if step.opname == "RETURN_VALUE" and not (before.opname.startswith("LOAD_CO") and before.argval is None):
            return True
    return False


def warn_on_generator_with_return_value(spider: Any, function: Callable[..., Any]) -> None:
    """Warn when a spider's callback loses a value that way, unless WARN_ON_GENERATOR_RETURN_VALUE is off."""
    if not spider.settings.getbool("WARN_ON_GENERATOR_RETURN_VALUE"):
        return
    name = f"{type(spider).__name__}.{getattr(function, '__name__', function)}"
    try:
        if not is_generator_with_return_value(function):
            return
    except (SyntaxError, TypeError, OSError):
        warnings.warn(f'Unable to determine whether "{name}" is a generator that returns a value.', stacklevel=2)
        return
    warnings.warn(
        f'The "{name}" method is a generator and has a "return" with a value: Python drops that value, so the item or '
        "request in it is lost. Use yield.",
        stacklevel=2,
    )
