"""Scrapy's `scrapy.utils.deprecate`: old names that still work and say so."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from shoal.crawl.exceptions import ScrapyDeprecationWarning

#: (old beginning of a class path, new beginning), the most special first.
DEPRECATION_RULES: list[tuple[str, str]] = []

_MARK = "__stands_for_another__"
_SUBCLASSED = "{cls} inherits from deprecated class {old}, please inherit from {new}."
_INSTANTIATED = "{cls} is deprecated, instantiate {new} instead."


def attribute(obj: Any, oldattr: str, newattr: str, version: str = "0.12") -> None:
    """Warn that an attribute has a new name."""
    name = type(obj).__name__
    warnings.warn(
        f"{name}.{oldattr} attribute is deprecated and will be no longer supported "
        f"in Scrapy {version}, use {name}.{newattr} attribute instead",
        ScrapyDeprecationWarning,
        stacklevel=3,
    )


class _Deprecation:
    """What is known of one deprecated class, and the warnings about it."""

    def __init__(self, category: type[Warning], once: bool, old: str | None, new: str, texts: tuple[str, str]) -> None:
        self.category = category
        self.once = once
        self.old = old
        self.new = new
        self.texts = texts
        self.cls: type | None = None
        self.warned = False

    def subclassed(self, cls: type) -> None:
        if self.warned and self.once:
            return
        self.warned = True
        text = self.texts[0].format(cls=_path(cls), old=self.old or _path(self.cls), new=self.new)
        if self.once:
            text += " (warning only on first subclass, there may be others)"
        warnings.warn(text, self.category, stacklevel=3)

    def instantiated(self) -> None:
        text = self.texts[1].format(cls=self.old or _path(self.cls), new=self.new)
        warnings.warn(text, self.category, stacklevel=3)


def create_deprecated_class(
    name: str,
    new_class: type,
    clsdict: dict[str, Any] | None = None,
    warn_category: type[Warning] = ScrapyDeprecationWarning,
    warn_once: bool = True,
    old_class_path: str | None = None,
    new_class_path: str | None = None,
    subclass_warn_message: str = _SUBCLASSED,
    instance_warn_message: str = _INSTANTIATED,
) -> type:
    """A class that stands for `new_class` under an old name, and warns when it is subclassed or instantiated.

    `isinstance` and `issubclass` take the two for the same.
    """
    texts = (subclass_warn_message, instance_warn_message)
    about = _Deprecation(warn_category, warn_once, old_class_path, new_class_path or _path(new_class), texts)
    members = {"__module__": _callers_module(), _MARK: True, **(clsdict or {})}
    about.cls = _metaclass(about, new_class)(name, (new_class,), members)
    return about.cls


def _metaclass(about: _Deprecation, new_class: type) -> Any:
    meta: Any = type(new_class)

    class DeprecatedClass(meta):  # type: ignore[misc]
        def __init__(self, name: str, bases: tuple[type, ...], clsdict: dict[str, Any]) -> None:
            super().__init__(name, bases, clsdict)
            # A deprecated class of a deprecated class is no mistake of its user.
            if about.cls is not None and about.cls in bases and _MARK not in clsdict:
                about.subclassed(self)

        def __instancecheck__(self, inst: Any) -> bool:
            return any(self.__subclasscheck__(c) for c in (type(inst), inst.__class__))

        def __subclasscheck__(self, sub: type) -> bool:
            if self is not about.cls:
                return bool(super().__subclasscheck__(sub))
            if not inspect.isclass(sub):
                raise TypeError("issubclass() arg 1 must be a class")
            return any(c in (self, new_class) for c in sub.__mro__)

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            if self is about.cls:
                about.instantiated()
            return super().__call__(*args, **kwargs)

    return DeprecatedClass


def _callers_module() -> str:
    """The module that asked for a deprecated class, which is where the class is to be found."""
    own = __name__.removeprefix("shoal.")
    try:
        module = inspect.getmodule(inspect.stack()[2].frame)
    except IndexError as problem:
        warnings.warn(f"Error detecting parent module: {problem!r}", stacklevel=3)
        return own
    return own if module is None else module.__name__


def _path(cls: type | None) -> str:
    return "" if cls is None else f"{cls.__module__}.{cls.__qualname__.rpartition('>.')[2]}"


def update_classpath(path: Any) -> Any:
    """The new path of a class whose old path begins as one of DEPRECATION_RULES says, with a warning."""
    for old, new in DEPRECATION_RULES:
        if isinstance(path, str) and path.startswith(old):
            updated = path.replace(old, new, 1)
            warnings.warn(
                f"`{path}` class is deprecated, use `{updated}` instead", ScrapyDeprecationWarning, stacklevel=2
            )
            return updated
    return path


def method_is_overridden(subclass: type, base_class: type, method_name: str) -> bool:
    """Whether `subclass` has its own `method_name`."""
    return getattr(base_class, method_name).__code__ is not getattr(subclass, method_name).__code__


def argument_is_required(func: Any, arg_name: str) -> bool:
    """Whether `func` has an argument of that name, and it has no default."""
    parameter = inspect.signature(func).parameters.get(arg_name)
    return parameter is not None and parameter.default is inspect.Parameter.empty
