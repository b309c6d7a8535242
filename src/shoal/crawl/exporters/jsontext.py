"""Items as JSON: one array, or one object a line.

The one rule: an item that cannot be written leaves no trace, so that what was written before and after is valid.
"""

from __future__ import annotations

from typing import IO, Any

from shoal.crawl.exporters.base import FileExporter
from shoal.crawl.serialize import ScrapyJSONEncoder


class JsonLinesItemExporter(FileExporter):
    """One JSON object a line. Further keyword arguments go to json.JSONEncoder.

    Without `encoding` everything beyond ASCII is escaped. `indent` would break lines and is not used.
    """

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(file, **kwargs)
        self._kwargs.setdefault("ensure_ascii", not self.encoding)
        self.encoder = ScrapyJSONEncoder(**self._kwargs)

    def _bytes(self, item: Any) -> bytes:
        text = self.encoder.encode(self._fields(item))
        return text.encode(self.encoding or "utf-8")

    def export_item(self, item: Any) -> None:
        """Write the item and a line end. Raises TypeError or UnicodeEncodeError when it has no JSON form."""
        self.file.write(self._bytes(item) + b"\n")


class JsonItemExporter(JsonLinesItemExporter):
    """A JSON array of objects, on one line (`indent` None), an object a line (0), or spread out (more)."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        indent = kwargs.get("indent")
        super().__init__(file, **kwargs)
        self.encoder = ScrapyJSONEncoder(**{"indent": indent if indent and indent > 0 else None, **self._kwargs})
        self._newline = b"" if self.indent is None else b"\n"
        self.first_item = True

    def start_exporting(self) -> None:
        """Open the array."""
        self.file.write(b"[" + self._newline)

    def finish_exporting(self) -> None:
        """Close the array."""
        self.file.write(self._newline + b"]")

    def export_item(self, item: Any) -> None:
        """Write the item, after a comma when it is not the first."""
        data = self._bytes(item)
        self.file.write(data if self.first_item else b"," + self._newline + data)
        self.first_item = False
