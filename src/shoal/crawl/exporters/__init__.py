"""Items written to files: one format, one module, each an exporter with start, export, finish.

The one rule: an exporter writes bytes to a file that somebody else opened and closes.
"""

from __future__ import annotations

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
