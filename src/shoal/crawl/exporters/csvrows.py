"""Items as CSV (RFC 4180): the first item decides the columns unless they are given.

The one rule: a row is written whole or not at all, and a field that has no column is told of.
"""

from __future__ import annotations

import csv
import logging
from codecs import getincrementalencoder
from collections.abc import Iterable, Mapping
from typing import IO, Any

from itemadapter import ItemAdapter

from shoal.crawl.exporters.base import FileExporter, as_text

logger = logging.getLogger("scrapy.exporters")

# What makes a spreadsheet take a cell for a formula, and the full-width forms some of them take, too
# (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: Any) -> Any:
    """The cell, behind an apostrophe when a spreadsheet would run it as a formula. Numbers such as -1.5 stay."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


class _Encoder:
    """The file object csv.writer wants: takes text, keeps the state of encodings that begin with a mark."""

    def __init__(self, file: IO[bytes], encoding: str, errors: str) -> None:
        self._file = file
        self._encode = getincrementalencoder(encoding)(errors).encode

    def write(self, text: str) -> int:
        return self._file.write(self._encode(text))


class CsvItemExporter(FileExporter):
    """Rows of comma-separated values, with a line of names before the first unless `include_headers_line` is False.

    Lists of strings become one cell, joined by `join_multivalued`. `errors`: what to do with characters that the
    encoding does not have (see codecs). `spreadsheet_safe`: see `harmless`; it changes data, so it is off.
    Further keyword arguments go to csv.writer.
    """

    def __init__(
        self,
        file: IO[bytes],
        include_headers_line: bool = True,
        join_multivalued: str = ",",
        errors: str | None = None,
        spreadsheet_safe: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(file, **kwargs)
        self.encoding = self.encoding or "utf-8"
        self.include_headers_line = include_headers_line
        self.spreadsheet_safe = spreadsheet_safe
        self.csv_writer = csv.writer(_Encoder(file, self.encoding, errors or "strict"), **self._kwargs)
        self._join_multivalued = join_multivalued
        self._columns_known = False
        self._dropped: set[str] = set()
        self._columns_are_ours = False

    def serialize_field(self, field: Mapping[str, Any], name: str, value: Any) -> Any:  # noqa: ARG002
        """The value for the cell: through the field's serializer, else lists of strings joined."""
        serializer = field.get("serializer", self._join_if_needed)
        return serializer(value)

    def _join_if_needed(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
            return self._join_multivalued.join(value)
        return value

    def export_item(self, item: Any) -> None:
        """Write a row; before the first one the names."""
        if not self._columns_known:
            self._columns_known = True
            self._write_headers_and_set_fields_to_export(item)
        elif self._columns_are_ours:
            self._tell_of_dropped_fields(item)
        fields = self.get_serialized_fields(item, default_value="", include_empty=True)
        self.csv_writer.writerow(self._build_row(value for _, value in fields))

    def _build_row(self, values: Iterable[Any]) -> list[Any]:
        row = [as_text(value, self.encoding) if isinstance(value, bytes) else value for value in values]
        return [harmless(cell) for cell in row] if self.spreadsheet_safe else row

    def _write_headers_and_set_fields_to_export(self, item: Any) -> None:
        if not self.fields_to_export:
            self.fields_to_export = list(ItemAdapter(item).field_names())
            self._columns_are_ours = True
        if self.include_headers_line:
            wanted = self.fields_to_export
            names = wanted.values() if isinstance(wanted, Mapping) else wanted
            self.csv_writer.writerow(self._build_row(names))

    def _tell_of_dropped_fields(self, item: Any) -> None:
        """Say, once a field, that the first item had no such field and so there is no column for it."""
        dropped = [name for name in ItemAdapter(item) if name not in (self.fields_to_export or ())]
        new = [name for name in dropped if name not in self._dropped]
        if new:
            self._dropped.update(new)
            logger.warning(
                "CSVExporter dropped fields that the first item does not have: %s. Name all columns with "
                "FEED_EXPORT_FIELDS, or with the 'fields' of the feed, to keep them.",
                ", ".join(new),
            )
