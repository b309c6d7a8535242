"""Items written to files, read back by other people's readers."""

from __future__ import annotations

import csv
import io
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from shoal.crawl.exporters import (
    BaseItemExporter,
    CsvItemExporter,
    JsonItemExporter,
    JsonLinesItemExporter,
    ParquetItemExporter,
    PickleItemExporter,
    PythonItemExporter,
    XmlItemExporter,
)
from shoal.crawl.exporters.csvrows import harmless
from shoal.crawl.item import Field, Item
from shoal.crawl.serialize import ScrapyJSONEncoder

FileExporterClass = Callable[..., BaseItemExporter]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


class Book(Item):
    title = Field()
    price = Field(serializer=lambda value: f"{value:.2f}")


@dataclass
class Film:
    title: str
    year: int = field(default=0, metadata={"serializer": str})


def exported(exporter: FileExporterClass, *items: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    writer = exporter(file, **options)
    writer.start_exporting()
    for item in items:
        writer.export_item(item)
    writer.finish_exporting()
    assert not file.closed
    return file.getvalue()


@given(st.lists(st.dictionaries(texts, st.one_of(texts, st.integers(), st.none(), st.lists(texts))), max_size=4))
def test_json_comes_back_as_it_went_in(items: list[dict[str, Any]]) -> None:
    for encoding in (None, "utf-8"):
        for indent in (None, 0, 2):
            assert json.loads(exported(JsonItemExporter, *items, encoding=encoding, indent=indent)) == items
        lines = exported(JsonLinesItemExporter, *items, encoding=encoding).split(b"\n")[:-1]
        assert [json.loads(line) for line in lines] == items


def test_json_looks_as_scrapy_writes_it() -> None:
    items = ({"a": "\xe9"}, {"b": [1]})
    assert exported(JsonItemExporter, *items) == b'[{"a": "\\u00e9"},{"b": [1]}]'
    assert exported(JsonItemExporter, *items, indent=0) == b'[\n{"a": "\\u00e9"},\n{"b": [1]}\n]'
    assert exported(JsonItemExporter, {"b": [1]}, indent=2) == b'[\n{\n  "b": [\n    1\n  ]\n}\n]'
    assert exported(JsonLinesItemExporter, *items, encoding="utf-8") == '{"a": "é"}\n{"b": [1]}\n'.encode()


def test_json_writes_what_the_json_module_does_not_know() -> None:
    item = {
        "day": date(2024, 2, 29),
        "moment": datetime(2024, 2, 29, 12, tzinfo=UTC),
        "sum": Decimal("1.10"),
        "set": {1},
        "book": Book(title="T"),
        "film": Film("F", 1999),
    }
    assert json.loads(exported(JsonLinesItemExporter, item)) == {
        "day": "2024-02-29",
        "moment": "2024-02-29T12:00:00+00:00",
        "sum": "1.10",
        "set": [1],
        "book": {"title": "T"},
        "film": {"title": "F", "year": 1999},
    }


@pytest.mark.parametrize("exporter", [JsonItemExporter, JsonLinesItemExporter, XmlItemExporter])
def test_an_item_that_cannot_be_written_leaves_no_trace(exporter: FileExporterClass) -> None:
    class Fussy(Item):
        a = Field(serializer=int)

    file = io.BytesIO()
    writer = exporter(file)
    writer.start_exporting()
    before = file.getvalue()
    with pytest.raises((TypeError, ValueError)):
        writer.export_item(Fussy(a="x") if exporter is XmlItemExporter else {"a": object()})
    assert file.getvalue() == before


@pytest.mark.parametrize("item", [Book(price=2, title="T"), Film("T", 2)])
def test_fields_go_out_in_the_order_of_their_class_through_their_serializers(item: Any) -> None:
    fields = dict(PythonItemExporter().get_serialized_fields(item))
    assert next(iter(fields)) == "title"
    assert list(fields.values())[1] in ("2.00", "2")


def test_fields_are_chosen_ordered_renamed_and_filled() -> None:
    book = Book(title="T")
    assert exported(JsonLinesItemExporter, book, fields_to_export=["price", "title"]) == b'{"title": "T"}\n'
    assert exported(JsonLinesItemExporter, book, fields_to_export={"title": "Name"}) == b'{"Name": "T"}\n'
    assert exported(JsonLinesItemExporter, book, export_empty_fields=True) == b'{"title": "T", "price": null}\n'


def test_an_unknown_option_is_an_error_that_names_it() -> None:
    with pytest.raises(TypeError, match="Unexpected options: colour"):
        PythonItemExporter(colour="red")
    with pytest.raises(TypeError, match="colour"):
        JsonLinesItemExporter(io.BytesIO(), colour="red")
    with pytest.raises(TypeError, match="colour"):
        CsvItemExporter(io.BytesIO(), colour="red")


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_csv_comes_back_as_it_went_in(rows: list[tuple[str, str]]) -> None:
    text = exported(CsvItemExporter, *({"a": a, "b": b} for a, b in rows)).decode()
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a", "b"], *([a, b] for a, b in rows)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_csv_in_other_encodings_has_one_mark_at_the_beginning(encoding: str) -> None:
    data = exported(CsvItemExporter, {"a": "é"}, {"a": "ü"}, encoding=encoding)
    assert data.decode(encoding) == "a\r\né\r\nü\r\n"


def test_csv_joins_strings_and_tells_once_of_what_has_no_column(caplog: pytest.LogCaptureFixture) -> None:
    items = ({"a": ["x", "y"]}, {"a": [1], "new": 2}, {"a": "", "new": 3})
    assert exported(CsvItemExporter, *items, join_multivalued="|") == b'a\r\nx|y\r\n[1]\r\n""\r\n'
    assert [record.name for record in caplog.records] == ["scrapy.exporters"]
    assert "new" in caplog.text


def test_csv_with_given_columns_drops_the_others_silently(caplog: pytest.LogCaptureFixture) -> None:
    assert exported(CsvItemExporter, {"a": 1, "b": 2}, {"b": 3}, fields_to_export={"b": "B"}) == b"B\r\n2\r\n3\r\n"
    assert not caplog.records


@pytest.mark.parametrize("formula", ["=1+1", "+1 x", "-x", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"])
def test_a_formula_is_written_as_it_is_unless_the_file_is_for_a_spreadsheet(formula: str) -> None:
    read = [
        list(csv.reader(io.StringIO(exported(CsvItemExporter, {"a": formula}, **options).decode(), newline="")))[1]
        for options in ({}, {"spreadsheet_safe": True})
    ]
    assert read == [[formula], ["'" + formula]]


@pytest.mark.parametrize("harmless_cell", ["-1.5", "+3e2", "x=1", "", 5, -5, None])
def test_numbers_and_plain_text_are_no_formulas(harmless_cell: Any) -> None:
    assert harmless(harmless_cell) == harmless_cell


@given(st.dictionaries(texts, texts, max_size=3))
def test_xml_is_well_formed_whatever_is_in_it(item: dict[str, str]) -> None:
    for indent in (None, 0, 2):
        root = etree.fromstring(exported(XmlItemExporter, item, indent=indent))
        assert len(root) == 1
        assert len(root[0]) == len(item)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20))
def test_xml_text_comes_back_as_it_went_in(text: str) -> None:
    assert etree.fromstring(exported(XmlItemExporter, {"a": text})).findtext("item/a") == text


def test_xml_nests_lists_dicts_and_items() -> None:
    item = {"a": [1, {"b": "<"}], "film": Film("F", 1)}
    assert exported(XmlItemExporter, item, root_element="r", item_element="i") == (
        b'<?xml version="1.0" encoding="utf-8"?>\n<r><i><a><value>1</value><value><b>&lt;</b></value></a>'
        b"<film><title>F</title><year>1</year></film></i></r>"
    )


def test_python_values_are_plain_all_the_way_down() -> None:
    item = {"a": (b"x", {"y": Book(title="T")}), "n": 1.5}
    assert PythonItemExporter().export_item(item) == {"a": ["x", {"y": {"title": "T"}}], "n": 1.5}


def test_pickles_hold_plain_dicts() -> None:
    assert pickle.loads(exported(PickleItemExporter, Film("F", 1))) == {"title": "F", "year": "1"}


def test_parquet_comes_back_as_it_went_in() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    items = [{"n": n, "tags": ["a"] * n, "book": {"title": str(n)}} for n in range(5)]
    data = exported(ParquetItemExporter, *items, {"n": 9, "late": "x"}, row_group_items=2)
    table = parquet.read_table(io.BytesIO(data))
    assert table.to_pylist() == [*items, {"n": 9, "tags": None, "book": None}]
    assert parquet.ParquetFile(io.BytesIO(data)).num_row_groups == 3


def test_parquet_takes_all_names_of_the_first_row_group_and_no_rows_at_all() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(exported(ParquetItemExporter, {"a": 1}, {"b": "x"})))
    assert table.to_pylist() == [{"a": 1, "b": None}, {"a": None, "b": "x"}]
    assert parquet.read_table(io.BytesIO(exported(ParquetItemExporter))).num_rows == 0


_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.decimals(), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)
_layouts = st.sampled_from(
    [{}, {"ensure_ascii": False}, {"sort_keys": True}, {"separators": (",", ":")}, {"indent": 1}, {"skipkeys": True}]
)


@given(st.lists(_values, max_size=4), _layouts)
def test_the_encoder_writes_what_the_json_module_writes_time_after_time(values: list[Any], layout: Any) -> None:
    encoder = ScrapyJSONEncoder(**layout)
    for value in values:
        expected = json.dumps(value, default=ScrapyJSONEncoder().default, **layout)
        assert encoder.encode(value) == expected


def test_the_encoder_writes_on_after_a_value_it_could_not_write() -> None:
    encoder = ScrapyJSONEncoder()
    ring: list[Any] = []
    ring.append({"ring": ring})
    for bad, problem in ((ring, ValueError), ([{"it": object()}], TypeError)):
        with pytest.raises(problem):
            encoder.encode(bad)
        assert encoder.encode([{"it": "é"}]) == '[{"it": "\\u00e9"}]'
    ring.clear()
    assert encoder.encode(ring) == "[]"
