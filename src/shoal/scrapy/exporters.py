"""scrapy.exporters: items as JSON, CSV, XML and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.lazily import later

if TYPE_CHECKING:
    from shoal.crawl.exporters import (
        BaseItemExporter,
        CsvItemExporter,
        JsonItemExporter,
        JsonLinesItemExporter,
        MarshalItemExporter,
        PickleItemExporter,
        PprintItemExporter,
        PythonItemExporter,
        XmlItemExporter,
    )

__all__ = [
    "BaseItemExporter",
    "CsvItemExporter",
    "JsonItemExporter",
    "JsonLinesItemExporter",
    "MarshalItemExporter",
    "PickleItemExporter",
    "PprintItemExporter",
    "PythonItemExporter",
    "XmlItemExporter",
]

__getattr__ = later(__name__, dict.fromkeys(__all__, "shoal.crawl.exporters"))
