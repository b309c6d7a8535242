"""What every exporter shares: which fields of an item go out, in which order, under which names.

The one rule: fields go out in the order in which the item's class declares them; what is not declared comes last.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from itemadapter import ItemAdapter

# Item.fields names and output names; the same name twice when it does not change.
_Names: TypeAlias = "Iterable[tuple[str, str]]"


def as_text(value: str | bytes, encoding: str | None = None) -> str:
    """`value` as str; bytes are decoded, what cannot be decoded raises UnicodeDecodeError."""
    return value if isinstance(value, str) else value.decode(encoding or "utf-8")


class BaseItemExporter(ABC):
    """The base of exporters. Keyword arguments:

    `fields_to_export`: None (all), a list of names, or a dict of names and what to call them; `export_empty_fields`:
    also declared fields without a value; `encoding`; `indent`: spaces a level (None: one line; 0: a line an item).
    Any other keyword raises TypeError, or is left to the subclass with `dont_fail`.
    """

    encoding: str | None
    fields_to_export: Mapping[str, str] | Iterable[str] | None
    export_empty_fields: bool
    indent: int | None

    def __init__(self, *, dont_fail: bool = False, **kwargs: Any) -> None:
        self._kwargs: dict[str, Any] = kwargs
        self._configure(kwargs, dont_fail=dont_fail)

    def _configure(self, options: dict[str, Any], dont_fail: bool = False) -> None:
        """Take the options all exporters know out of `options`; what is left raises TypeError unless `dont_fail`."""
        self.encoding = options.pop("encoding", None)
        self.fields_to_export = options.pop("fields_to_export", None)
        self.export_empty_fields = options.pop("export_empty_fields", False)
        self.indent = options.pop("indent", None)
        if options and not dont_fail:
            raise TypeError(f"Unexpected options: {', '.join(options)}")

    @abstractmethod
    def export_item(self, item: Any) -> Any:
        """Write one item."""
        raise NotImplementedError

    def start_exporting(self) -> None:  # noqa: B027 - most formats have no beginning
        """Write what stands before the first item; call it before exporting."""

    def finish_exporting(self) -> None:  # noqa: B027 - most formats have no end
        """Write what stands after the last item; always call it."""

    def serialize_field(self, field: Mapping[str, Any], name: str, value: Any) -> Any:  # noqa: ARG002
        """The value as it goes to the format: through the `serializer` of the field's metadata, if it has one."""
        serializer = field.get("serializer")
        return value if serializer is None else serializer(value)

    def get_serialized_fields(
        self, item: Any, default_value: Any = None, include_empty: bool | None = None
    ) -> Iterator[tuple[str, Any]]:
        """The fields of `item` to export, as pairs of output name and serialized value.

        With `include_empty` (None: as `export_empty_fields` says) also those without a value, as `default_value`.
        """
        from itemadapter import ItemAdapter  # dear to import, and not needed for plain dicts

        adapter = ItemAdapter(item)
        if include_empty is None:
            include_empty = self.export_empty_fields
        for name, output in self._names(adapter, include_empty):
            if name in adapter:
                yield output, self.serialize_field(adapter.get_field_meta(name), output, adapter[name])
            else:
                yield output, default_value

    # The name before Scrapy 2.18, which exporters in projects call.
    _get_serialized_fields = get_serialized_fields

    def _fields(self, item: Any) -> dict[str, Any]:
        """The fields of `item` to export as a dict; a plain dict of which nothing is to be changed is it itself."""
        cls = type(self)
        if (
            type(item) is dict
            and self.fields_to_export is None
            and cls.serialize_field is BaseItemExporter.serialize_field
            and cls.get_serialized_fields is BaseItemExporter.get_serialized_fields
        ):
            return item
        return dict(self.get_serialized_fields(item))

    def _names(self, adapter: ItemAdapter, include_empty: bool) -> _Names:
        wanted = self.fields_to_export
        if wanted is None:
            names = list(adapter.field_names())
            if not include_empty:
                names = [name for name in names if name in adapter]
                names += [name for name in adapter if name not in names]
            return [(name, name) for name in names]
        pairs = wanted.items() if isinstance(wanted, Mapping) else ((name, name) for name in wanted)
        return pairs if include_empty else [pair for pair in pairs if pair[0] in adapter]


class FileExporter(BaseItemExporter):
    """An exporter to a file opened for bytes. Options it does not know stay in `_kwargs` for the subclass."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(**{"dont_fail": True, **kwargs})
        self.file = file
