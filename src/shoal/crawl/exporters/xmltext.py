"""Items as XML: an element an item, in it an element a field.

The one rule: the document is well-formed whatever the item holds. XML 1.0 has no way to write control characters, so
they become U+FFFD; a field whose name is no name in XML gets underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO, Any
from xml.sax.saxutils import escape

from itemadapter import ItemAdapter, is_item

from shoal.crawl.exporters.base import FileExporter, as_text

_not_a_character = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").sub
# The characters a name may begin with, and those it may go on with (XML 1.0, section 2.3, without the colon).
_BEGINS = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_not_in_a_name = re.compile(f"[^{_BEGINS}0-9.\xb7\u0300-\u036f\u203f-\u2040-]").sub
_begins_a_name = re.compile(f"[{_BEGINS}]").match


def element_name(name: str) -> str:
    """`name` as the name of an element: an underscore for each character that cannot be in one."""
    safe = _not_in_a_name("_", name)
    return safe if _begins_a_name(safe) else "_" + safe


class XmlItemExporter(FileExporter):
    """`<items><item><name>value</name></item></items>`; lists become `<value>` elements, dicts and items nest."""

    def __init__(self, file: IO[bytes], item_element: str = "item", root_element: str = "items", **kwargs: Any) -> None:
        super().__init__(file, **{"dont_fail": False, **kwargs})
        self.encoding = self.encoding or "utf-8"
        self.item_element = item_element
        self.root_element = root_element

    def start_exporting(self) -> None:
        """Write the declaration and open the root."""
        self._write(f'<?xml version="1.0" encoding="{self.encoding}"?>\n<{self.root_element}>')
        self._write(self._break(always=True))

    def finish_exporting(self) -> None:
        """Close the root."""
        self._write(f"</{self.root_element}>")

    def export_item(self, item: Any) -> None:
        """Write one item; nothing of it when a field raises."""
        pieces = [self._margin(1), f"<{self.item_element}>", self._break()]
        for name, value in self.get_serialized_fields(item, default_value=""):
            pieces += self._element(name, value, depth=2)
        pieces += [self._margin(1), f"</{self.item_element}>", self._break(always=True)]
        self._write("".join(pieces))

    def _element(self, name: str, value: Any, depth: int) -> list[str]:
        tag = element_name(name)
        children = self._children(value)
        if children is None:
            text = as_text(value) if isinstance(value, bytes) else str(value)
            content = [escape(_not_a_character("\ufffd", text))]
        else:
            inner = [self._element(child, part, depth + 1) for child, part in children]
            content = [self._break(), *(piece for one in inner for piece in one), self._margin(depth)]
        return [self._margin(depth), f"<{tag}>", *content, f"</{tag}>", self._break()]

    @staticmethod
    def _children(value: Any) -> Iterable[tuple[str, Any]] | None:
        """The pairs of name and value inside `value`, None when it is a plain one."""
        if is_item(value):
            return ItemAdapter(value).items()
        if hasattr(value, "__iter__") and not isinstance(value, (str, bytes)):
            return (("value", part) for part in value)
        return None

    def _break(self, *, always: bool = False) -> str:
        """A line end where lines are wanted: between items with any indent, elsewhere only with a real one."""
        if self.indent is None or (self.indent <= 0 and not always):
            return ""
        return "\n"

    def _margin(self, depth: int) -> str:
        return " " * (self.indent or 0) * depth if (self.indent or 0) > 0 else ""

    def _write(self, text: str) -> None:
        self.file.write(text.encode(self.encoding or "utf-8", "xmlcharrefreplace"))
