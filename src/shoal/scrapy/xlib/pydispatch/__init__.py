"""scrapy.xlib.pydispatch, which became the PyDispatcher library: `dispatcher.connect(call, signals.spider_closed)`."""

from __future__ import annotations

from pydispatch import dispatcher, errors, robust, saferef  # type: ignore[import-untyped]

__all__ = ["dispatcher", "errors", "robust", "saferef"]
