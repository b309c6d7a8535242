"""Items as Apache Parquet, for analysis: columns, compressed. Needs pyarrow (`pip install shoal[parquet]`).

The one rule: the types of the columns are those of the first rows; a later value of another type is an error that
names its column, never a silent change.
"""

from __future__ import annotations

from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.exporters.base import FileExporter
from shoal.crawl.exporters.pythonic import PythonItemExporter

if TYPE_CHECKING:
    from collections.abc import Mapping


class ParquetItemExporter(FileExporter):
    """Writes a row group every `row_group_items` items, so memory is bounded. Other keywords go to ParquetWriter.

    Raises NotConfigured when pyarrow is not installed. A file without items has no columns and no rows.
    """

    def __init__(self, file: IO[bytes], row_group_items: int = 10_000, **kwargs: Any) -> None:
        super().__init__(file, **kwargs)
        try:
            self._arrow: Any = import_module("pyarrow")
            self._parquet: Any = import_module("pyarrow.parquet")
        except ImportError as missing:
            raise NotConfigured("Parquet needs pyarrow: pip install shoal[parquet]") from missing
        self._rows: list[dict[str, Any]] = []
        self._row_group_items = row_group_items
        self._writer: Any = None
        self._schema: Any = None
        self._plain = PythonItemExporter()

    def serialize_field(self, field: Mapping[str, Any], name: str, value: Any) -> Any:
        """The value, through the field's serializer, else plain all the way down."""
        return self._plain.serialize_field(field, name, value)

    def export_item(self, item: Any) -> None:
        """Keep the row until a row group is full."""
        self._rows.append(dict(self.get_serialized_fields(item, include_empty=True)))
        if len(self._rows) >= self._row_group_items:
            self._flush()

    def finish_exporting(self) -> None:
        """Write what is left, and the footer without which the file cannot be read."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._writer is None:
            self._schema = self._arrow.Table.from_pylist(self._named(self._rows)).schema
            self._writer = self._parquet.ParquetWriter(self.file, self._schema, **self._kwargs)
        if self._rows:
            self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    @staticmethod
    def _named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows, the first with every name that any of them has: pyarrow takes the names from the first."""
        names = dict.fromkeys(name for row in rows for name in row)
        return [{**dict.fromkeys(names), **rows[0]}, *rows[1:]] if rows else []
