"""Rows as files: JSON, JSON lines, CSV."""

import csv
import json

import pytest

from shoal.errors import MachineError, UsageError
from shoal.surveys.row_files import check_row_file, write_rows

ROWS = [
    {"rank": 1, "title": '北岸, "来信"', "stars": ["甲", "乙"], "extra": 0},
    {"rank": 2, "title": "x", "stars": [], "extra": 0},
]
COLUMNS = ("rank", "title", "stars")


def test_json_keeps_lists_and_drops_other_columns(tmp_path):
    write_rows(str(tmp_path / "x.json"), COLUMNS, ROWS)
    assert json.loads((tmp_path / "x.json").read_text("utf-8")) == [
        {name: row[name] for name in COLUMNS} for row in ROWS
    ]


def test_json_lines_are_one_object_each(tmp_path):
    write_rows(str(tmp_path / "x.jsonl"), COLUMNS, ROWS)
    lines = (tmp_path / "x.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["rank"] for line in lines] == [1, 2]


def test_csv_joins_lists_within_a_cell(tmp_path):
    write_rows(str(tmp_path / "x.csv"), COLUMNS, ROWS)
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [list(COLUMNS), ["1", '北岸, "来信"', "甲,乙"], ["2", "x", ""]]


def test_what_cannot_be_written_is_said_before(tmp_path):
    with pytest.raises(UsageError, match="ends in"):
        check_row_file("films.xls")
    with pytest.raises(UsageError, match="no folder"):
        check_row_file(str(tmp_path / "none" / "films.json"))


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path):
    (tmp_path / "x.json").mkdir()
    with pytest.raises(MachineError, match="cannot write"):
        write_rows(str(tmp_path / "x.json"), COLUMNS, ROWS)
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
