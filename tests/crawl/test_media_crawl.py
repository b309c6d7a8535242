"""Files fetched by a whole crawl from a server on this machine."""

import asyncio

import pytest

from shoal.crawl.crawler import Crawler
from shoal.crawl.pipelines.sinks import FileSink
from shoal.crawl.spider import Spider
from shoal.lab.web import Answer, WebServer

BIG = 16 * 1024 * 1024
PAGES = {
    "/": Answer('<a href="/small.txt">a</a><a href="/big.bin">b</a><a href="/gone.txt">c</a><a href="/moved">d</a>'),
    "/small.txt": Answer("small"),
    "/big.bin": Answer(b"x" * BIG),
    "/moved": Answer(status=302, headers={"Location": "/other.txt"}, body="it is elsewhere"),
    "/other.txt": Answer("other"),
}


class Linking(Spider):
    name = "linking"

    def parse(self, response):
        yield {"file_urls": [response.urljoin(link) for link in response.css("a::attr(href)").getall()]}


def site(asked):
    return PAGES.get(asked.path, Answer("no such file", status=404))


def crawl(store, **settings):
    kept = []

    class Keeping:
        def process_item(self, item):
            kept.append(item)
            return item

    pipelines = {"scrapy.pipelines.files.FilesPipeline": 1, Keeping: 2}
    with WebServer(site) as server:
        crawler = Crawler(
            Linking, {"FILES_STORE": str(store), "ITEM_PIPELINES": pipelines, "ROBOTSTXT_OBEY": False, **settings}
        )
        asyncio.run(crawler.crawl_async(start_urls=[server.url("/")]))
    (item,) = kept
    return crawler, {file["url"].rpartition("/")[2]: file for file in item["files"]}


@pytest.mark.parametrize("stream", [False, True])
def test_files_that_are_there_are_kept_and_nothing_else_is(tmp_path, stream):
    crawler, files = crawl(tmp_path, FILES_STREAM=stream, MEDIA_ALLOW_REDIRECTS=True)
    contents = {name: (tmp_path / file["path"]).read_bytes() for name, file in files.items()}
    assert contents == {"small.txt": b"small", "big.bin": PAGES["/big.bin"].body, "moved": b"other"}
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3
    assert crawler.stats.get_value("file_status_count/downloaded") == 3


def test_redirected_files_are_left_out_unless_they_are_wanted(tmp_path):
    assert set(crawl(tmp_path)[1]) == {"small.txt", "big.bin"}


def test_a_file_on_its_way_to_disk_is_never_in_memory_as_a_whole(tmp_path, monkeypatch):
    pytest.importorskip("pycurl")
    pieces = []
    write = FileSink.write
    monkeypatch.setattr(FileSink, "write", lambda sink, data: pieces.append(len(data)) or write(sink, data))
    crawl(tmp_path, FILES_STREAM=True)
    assert sum(pieces) >= BIG
    assert max(pieces) <= 1024 * 1024


def test_a_file_larger_than_wanted_is_left_out(tmp_path, caplog):
    assert "big.bin" not in crawl(tmp_path, FILES_MAXSIZE=BIG - 1)[1]
    assert "larger than download max size" in caplog.text
