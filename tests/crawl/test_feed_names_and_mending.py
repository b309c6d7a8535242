"""Names of feeds from templates, and feeds of JSON lines that were cut anywhere."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.feeds.mending import mend_json_lines
from shoal.crawl.feeds.uris import apply_uri_params, tells_batches_apart, uri_params
from shoal.crawl.spider import Spider

NOON = datetime(2026, 5, 1, 12, 30, 15, 250, tzinfo=UTC)


@given(st.text().filter(lambda text: "%(" not in text))
def test_without_placeholders_nothing_changes(template):
    assert apply_uri_params(template, {}) == template


@given(st.integers(min_value=0), st.text(alphabet="%20/ab", max_size=9))
def test_a_placeholder_among_percent_signs_is_filled_in(number, around):
    assert apply_uri_params(f"{around}%(batch_id)05d{around}", {"batch_id": number}) == f"{around}{number:05}{around}"


def test_times_are_told_in_utc_and_fit_for_file_names():
    params = uri_params(Spider("s", site="x"), lambda given, _: {**given, "own": 1}, batch_id=3, now=NOON)
    assert apply_uri_params("%(name)s/%(site)s-%(time)s-%(own)d", params) == "s/x-2026-05-01T12-30-15-1"
    assert params["batch_time"] == "2026-05-01T12-30-15.000250"


@pytest.mark.parametrize("template", ["%(batch_id)d.json", "%(batch_id)05d.json", "%(batch_time)s.json"])
def test_batches_are_told_apart_by_number_or_time(template):
    assert tells_batches_apart(template)


@pytest.mark.parametrize("template", ["items.json", "%(time)s.json", "batch_id.json"])
def test_other_names_do_not_tell_batches_apart(template):
    assert not tells_batches_apart(template)


ROWS = st.lists(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5), max_size=2), max_size=5)


@given(rows=ROWS, cut=st.integers(min_value=0))
def test_a_cut_file_loses_the_line_that_was_cut_and_no_other(tmp_path_factory, rows, cut):
    whole = "".join(json.dumps(row) + "\n" for row in rows).encode()
    left = whole[: cut % (len(whole) + 1)]
    path = tmp_path_factory.mktemp("feed") / "items.jsonl"
    path.write_bytes(left)
    mend_json_lines(path)
    kept = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert kept == rows[: len(kept)]
    assert len(kept) >= left.count(b"\n")
    assert not kept or path.read_bytes().endswith(b"\n")


def test_a_very_long_line_that_was_cut_is_found_whole(tmp_path):
    path = tmp_path / "items.jsonl"
    path.write_bytes(b'{"n": 1}\n{"text": "' + b"x" * 200_000)
    mend_json_lines(path)
    assert path.read_bytes() == b'{"n": 1}\n'
