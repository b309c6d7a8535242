"""The scanner: a plan, engines that probe, and the results they return.

The package can be called, and is then `shoal.api.scan`: importing anything of it binds its name in `shoal`, which is
where the caller of `shoal.scan(...)` looks for the function.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any
else:
    ModuleType = type(sys)  # `types` would cost start-up time


class _CallablePackage(ModuleType):
    def __call__(self, *arguments: Any, **how: Any) -> Any:
        """See `shoal.api.scan`."""
        from importlib import import_module

        return import_module("shoal.api").scan(*arguments, **how)


sys.modules[__name__].__class__ = _CallablePackage
