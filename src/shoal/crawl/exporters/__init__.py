"""Items written to files: one format, one module, each an exporter with start, export, finish.

The one rule: an exporter writes bytes to a file that somebody else opened and closes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoal.crawl.lazily import later

if TYPE_CHECKING:
    from shoal.crawl.exporters.base import BaseItemExporter
    from shoal.crawl.exporters.csvrows import CsvItemExporter
    from shoal.crawl.exporters.jsontext import JsonItemExporter, JsonLinesItemExporter
    from shoal.crawl.exporters.parquet import ParquetItemExporter
    from shoal.crawl.exporters.pythonic import (
        MarshalItemExporter,
        PickleItemExporter,
        PprintItemExporter,
        PythonItemExporter,
    )
    from shoal.crawl.exporters.xmltext import XmlItemExporter

__all__ = [
    "BaseItemExporter",
    "CsvItemExporter",
    "JsonItemExporter",
    "JsonLinesItemExporter",
    "MarshalItemExporter",
    "ParquetItemExporter",
    "PickleItemExporter",
    "PprintItemExporter",
    "PythonItemExporter",
    "XmlItemExporter",
]

__getattr__ = later(
    __name__,
    {
        "BaseItemExporter": "shoal.crawl.exporters.base",
        "CsvItemExporter": "shoal.crawl.exporters.csvrows",
        "JsonItemExporter": "shoal.crawl.exporters.jsontext",
        "JsonLinesItemExporter": "shoal.crawl.exporters.jsontext",
        "MarshalItemExporter": "shoal.crawl.exporters.pythonic",
        "ParquetItemExporter": "shoal.crawl.exporters.parquet",
        "PickleItemExporter": "shoal.crawl.exporters.pythonic",
        "PprintItemExporter": "shoal.crawl.exporters.pythonic",
        "PythonItemExporter": "shoal.crawl.exporters.pythonic",
        "XmlItemExporter": "shoal.crawl.exporters.xmltext",
    },
)
