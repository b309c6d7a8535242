"""Feeds as a user meets them: a spider, FEEDS, and the files afterwards."""

import asyncio
import csv
import gzip
import json
import os

import pytest

from shoal.crawl import signals
from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.exporters import JsonItemExporter
from shoal.crawl.feeds import FeedExporter
from shoal.crawl.feeds.storages import FileFeedStorage
from shoal.crawl.spider import Spider

ITEMS = [{"n": 1, "word": "one"}, {"n": 2, "word": "=two"}, {"n": 3, "word": "drei"}]


def crawl(feeds, items=ITEMS, **settings):
    """Run a crawl that makes these items without asking anybody."""

    class Giving(Spider):
        name = "giving"

        async def start(self):
            for item in items:
                yield item

    crawler = Crawler(Giving, {"FEEDS": feeds, "TELNETCONSOLE_ENABLED": False, **settings})
    asyncio.run(crawler.crawl_async())
    return crawler


def test_several_feeds_get_the_same_items_each_in_its_format(tmp_path):
    crawler = crawl({tmp_path / "a.jsonl": {}, tmp_path / "b.json": {}, tmp_path / "sub" / "c.csv": {}})
    assert [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()] == ITEMS
    assert json.loads((tmp_path / "b.json").read_text()) == ITEMS
    with (tmp_path / "sub" / "c.csv").open(newline="") as file:
        assert [row["word"] for row in csv.DictReader(file)] == ["one", "=two", "drei"]
    assert crawler.stats.get_value("feedexport/success_count/FileFeedStorage") == 3


def test_a_csv_feed_for_spreadsheets_runs_no_formulas(tmp_path):
    crawl({tmp_path / "c.csv": {"csv_safe": True}})
    assert ",'=two" in (tmp_path / "c.csv").read_text()


def test_a_parquet_feed_holds_the_rows(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    crawl({tmp_path / "d.parquet": {}})
    assert parquet.read_table(tmp_path / "d.parquet").to_pylist() == ITEMS


def test_batches_have_names_of_their_own_and_no_empty_one_follows(tmp_path):
    crawl({tmp_path / "%(batch_id)02d.json": {"batch_item_count": 1}})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01.json", "02.json", "03.json"]
    assert json.loads((tmp_path / "02.json").read_text()) == [ITEMS[1]]


def test_batches_of_one_name_are_refused(tmp_path):
    with pytest.raises(NotConfigured):
        FeedExporter(prepared({str(tmp_path / "all.json"): {"batch_item_count": 1}}))


def prepared(feeds):
    crawler = Crawler(Spider, {"FEEDS": feeds})
    crawler.settings.set("FEEDS", feeds)
    return crawler


def test_an_empty_feed_is_a_file_only_where_that_is_wanted(tmp_path):
    (tmp_path / "kept.json").write_text("old")
    crawl(
        {
            tmp_path / "empty.json": {"indent": None},
            tmp_path / "none.json": {"store_empty": False},
            tmp_path / "kept.json": {"store_empty": False, "overwrite": True},
        },
        items=[],
    )
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"empty.json": "[]", "kept.json": "old"}


def test_a_file_is_replaced_when_the_new_one_is_complete_and_not_before(tmp_path):
    target = tmp_path / "items.json"
    target.write_text("old")
    seen = []

    def items():
        for item in ITEMS:
            seen.append(target.read_text())
            yield item

    crawl({target: {"overwrite": True}}, items=items())
    assert set(seen) == {"old"}
    assert json.loads(target.read_text()) == ITEMS
    assert [path.name for path in tmp_path.iterdir()] == ["items.json"]


def test_a_link_to_a_feed_stays_a_link(tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    crawl({tmp_path / "link.json": {"overwrite": True}})
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text()) == ITEMS


def test_a_feed_may_be_overwritten_in_place(tmp_path):
    storage = FileFeedStorage(str(tmp_path / "items.jsonl"), feed_options={"overwrite": True, "atomic": False})
    with storage.open(Spider("any")) as file:
        assert os.path.samefile(file.name, tmp_path / "items.jsonl")


def test_appending_to_a_feed_whose_writer_was_killed_leaves_only_whole_lines(tmp_path):
    target = tmp_path / "items.jsonl"
    target.write_text('{"n": 0}\n{"n": 0.')
    crawl({target: {}})
    assert [json.loads(line)["n"] for line in target.read_text().splitlines()] == [0, 1, 2, 3]


def test_an_item_that_cannot_be_written_costs_no_other(tmp_path):
    crawl({tmp_path / "a.json": {}}, items=[ITEMS[0], {"n": object()}, ITEMS[2]])
    assert json.loads((tmp_path / "a.json").read_text()) == [ITEMS[0], ITEMS[2]]


def test_a_feed_that_fails_is_told_of_and_does_not_take_the_others_along(tmp_path, caplog):
    class Unending(JsonItemExporter):
        def finish_exporting(self):
            raise OSError("no space left")

    (tmp_path / "bad.json").write_text("old")
    crawler = crawl(
        {tmp_path / "bad.json": {"overwrite": True, "format": "bad"}, tmp_path / "good.jsonl": {}},
        FEED_EXPORTERS={"bad": Unending},
    )
    assert (tmp_path / "bad.json").read_text() == "old"
    assert len((tmp_path / "good.jsonl").read_text().splitlines()) == 3
    assert "Error storing bad feed (3 items)" in caplog.text
    assert crawler.stats.get_value("feedexport/failed_count/FileFeedStorage") == 1


def test_compressed_feeds_end_properly(tmp_path):
    plugin = "scrapy.extensions.postprocessing.GzipPlugin"
    crawl({tmp_path / "items.jsonl.gz": {"format": "jsonlines", "postprocessing": [plugin]}})
    assert len(gzip.decompress((tmp_path / "items.jsonl.gz").read_bytes()).splitlines()) == 3


def test_standard_output_stays_open(capfdbinary):
    crawl({"stdout:": {"format": "jsonlines"}})
    assert len(capfdbinary.readouterr().out.splitlines()) == 3
    print("still here")


def test_each_file_and_the_end_are_signalled(tmp_path):
    told = []

    class Listening(Spider):
        name = "listening"

        async def start(self):
            for item in ITEMS:
                yield item

    crawler = Crawler(Listening, {"FEEDS": {tmp_path / "%(batch_id)d.jsonl": {"batch_item_count": 2}}})

    async def closed(slot):
        told.append(slot.itemcount)

    def ended():
        told.append("end")

    crawler.signals.connect(closed, signals.feed_slot_closed)
    crawler.signals.connect(ended, signals.feed_exporter_closed)
    asyncio.run(crawler.crawl_async())
    assert told == [2, 1, "end"]


def test_appending_to_a_json_array_is_warned_of(tmp_path, caplog):
    (tmp_path / "items.json").write_text("[]")
    crawl({tmp_path / "items.json": {}})
    assert "two json documents in one file are not a valid one" in caplog.text


@pytest.mark.parametrize("kind", ["json", "jsonl", "csv", "xml", "parquet", "pickle", "marshal"])
def test_an_empty_feed_is_a_valid_file_of_every_format(tmp_path, kind):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    crawler = crawl({tmp_path / f"empty.{kind}": {}}, items=[])
    assert (tmp_path / f"empty.{kind}").exists()
    assert crawler.stats.get_value("feedexport/success_count/FileFeedStorage") == 1


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_new_file_of_no_use_unfinished_has_its_name_when_it_is_complete(tmp_path, kind):
    seen = []

    def items():
        for item in ITEMS:
            yield item
            seen.append((tmp_path / f"items.{kind}").exists())

    crawl({tmp_path / f"items.{kind}": {}}, items=items())
    assert set(seen) == {False}
    assert [path.name for path in tmp_path.iterdir()] == [f"items.{kind}"]


def test_lines_that_are_appended_are_in_the_file_of_that_name_from_the_beginning(tmp_path):
    seen = []

    def items():
        for item in ITEMS:
            yield item
            seen.append((tmp_path / "items.jsonl").exists())

    crawl({tmp_path / "items.jsonl": {}}, items=items())
    assert set(seen) == {True}
