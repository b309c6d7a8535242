"""Items as Python values, and in formats that only Python reads.

The one rule: these are for handing data on. Nothing in Shoal ever loads a pickle: whoever writes one could run code.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterable, Mapping
from pprint import pformat
from typing import IO, Any

from itemadapter import ItemAdapter, is_item

from shoal.crawl.exporters.base import BaseItemExporter, FileExporter, as_text


class PickleItemExporter(FileExporter):
    """One pickled dict after the other. For export only."""

    def __init__(self, file: IO[bytes], protocol: int = 4, **kwargs: Any) -> None:
        super().__init__(file, **{"dont_fail": False, **kwargs})
        self.protocol = protocol

    def export_item(self, item: Any) -> None:
        """Write the pickle of the item's fields."""
        pickle.dump(dict(self.get_serialized_fields(item)), self.file, self.protocol)


class MarshalItemExporter(FileExporter):
    """One dict after the other in Python's own format, which changes from version to version. For export only."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(file, **{"dont_fail": False, **kwargs})

    def export_item(self, item: Any) -> None:
        """Write the item's fields. Raises ValueError when a value is not of Python's plain types."""
        marshal.dump(dict(self.get_serialized_fields(item)), self.file)


class PprintItemExporter(FileExporter):
    """The items as Python would print them."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(file, **{"dont_fail": False, **kwargs})

    def export_item(self, item: Any) -> None:
        """Write the item as text."""
        text = pformat(dict(self.get_serialized_fields(item)))
        self.file.write(text.encode(self.encoding or "utf-8") + b"\n")


class PythonItemExporter(BaseItemExporter):
    """Turns items, however deep, into dicts and lists of plain values, for any library that writes those."""

    def _configure(self, options: dict[str, Any], dont_fail: bool = False) -> None:
        super()._configure(options, dont_fail=dont_fail)
        self.encoding = self.encoding or "utf-8"

    def serialize_field(self, field: Mapping[str, Any], name: str, value: Any) -> Any:  # noqa: ARG002
        """The value, through the field's serializer, else plain all the way down."""
        return field.get("serializer", self._plain)(value)

    def _plain(self, value: Any) -> Any:
        if isinstance(value, bytes):
            return as_text(value, self.encoding)
        if isinstance(value, str):
            return value
        if is_item(value):
            return {name: self._plain(part) for name, part in ItemAdapter(value).items()}
        if isinstance(value, Iterable):
            return [self._plain(part) for part in value]
        return value

    def export_item(self, item: Any) -> dict[str | bytes, Any]:
        """The item as a dict."""
        return dict(self.get_serialized_fields(item))
