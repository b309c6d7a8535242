"""Downloads that break off go on where they were, in the same crawl or the next, and never join what does not fit."""

import asyncio
from hashlib import sha256

import pytest

from shoal.crawl.crawler import Crawler
from shoal.crawl.headers import Headers
from shoal.crawl.pipelines.resuming import Begun, ResumableSink, begun_by, goes_on
from shoal.crawl.spider import Spider
from shoal.lab.message import Answer
from shoal.lab.web import WebServer

BODY = bytes(range(256)) * 4096
HANDLERS = {
    "curl": {},
    "threads": dict.fromkeys(("http", "https"), "shoal.crawl.download.threads.ThreadDownloadHandler"),
    "aiohttp": dict.fromkeys(("http", "https"), "shoal.crawl.download.aio.AiohttpDownloadHandler"),
}


class Site:
    """Gives one file; the first `cuts` answers break off in the middle of what they promised."""

    def __init__(self, cuts, tag='"one"', body=BODY):
        self.cuts, self.tag, self.body = cuts, tag, body
        self.sent = []

    def __call__(self, asked):
        same = asked.headers.get("if-range") == self.tag
        start = int(asked.headers["range"].strip("bytes=-")) if same and "range" in asked.headers else 0
        rest = self.body[start:]
        cut = len(rest) // 2 if len(self.sent) < self.cuts else None
        self.sent.append(len(rest) if cut is None else cut)
        headers = {"ETag": self.tag, "Content-Type": "application/octet-stream"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        return Answer(rest, 206 if start else 200, headers, cut=cut)


def fetch(server, folder, tries, handler="curl"):
    kept = []

    class Fetching(Spider):
        name = "fetching"

        async def start(self):
            yield {"file_urls": [server.url("/file.bin")]}

    class Keeping:
        def process_item(self, item):
            kept.extend(item["files"])
            return item

    settings = {
        "FILES_STORE": str(folder),
        "FILES_STREAM": True,
        "FILES_RESUME": True,
        "FILES_CONTENT_NAMES": True,
        "ITEM_PIPELINES": {"scrapy.pipelines.files.FilesPipeline": 1, Keeping: 2},
        "RETRY_TIMES": tries - 1,
        "DOWNLOAD_HANDLERS": HANDLERS[handler],
    }
    asyncio.run(Crawler(Fetching, settings).crawl_async())
    return kept


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_cut_download_goes_on_where_it_broke_off(tmp_path, handler):
    if handler == "aiohttp":
        pytest.importorskip("aiohttp")
    site = Site(cuts=2)
    with WebServer(site) as server:
        (kept,) = fetch(server, tmp_path, 3, handler)
    assert (tmp_path / kept["path"]).read_bytes() == BODY
    assert kept["path"] == f"full/{sha256(BODY).hexdigest()}.bin"
    assert sum(site.sent) == len(BODY)
    assert files(tmp_path) == [f"{sha256(BODY).hexdigest()}.bin"]


def test_the_next_crawl_fetches_only_what_is_missing(tmp_path):
    site = Site(cuts=1)
    with WebServer(site) as server:
        assert fetch(server, tmp_path, 1) == []
        assert len(files(tmp_path / ".parts")) == 2
        (kept,) = fetch(server, tmp_path, 1)
    assert (tmp_path / kept["path"]).read_bytes() == BODY
    assert sum(site.sent) == len(BODY)


def test_a_file_that_has_changed_meanwhile_is_fetched_from_its_beginning(tmp_path):
    with WebServer(Site(cuts=1)) as server:
        fetch(server, tmp_path, 1)
        server.site = Site(cuts=0, tag='"two"', body=BODY[::-1])
        (kept,) = fetch(server, tmp_path, 1)
    assert (tmp_path / kept["path"]).read_bytes() == BODY[::-1]


def test_an_error_page_does_not_touch_the_part(tmp_path):
    site = Site(cuts=1)
    with WebServer(site) as server:
        fetch(server, tmp_path, 1)
        server.site = lambda asked: Answer("not now", 403)
        assert fetch(server, tmp_path, 1) == []
        server.site = site
        (kept,) = fetch(server, tmp_path, 1)
    assert (tmp_path / kept["path"]).read_bytes() == BODY
    assert sum(site.sent) == len(BODY)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ETag": '"a"', "Content-Length": "5"}, Begun('"a"', 5)),
        ({"ETag": 'W/"a"', "Content-Length": "5"}, None),
        ({"ETag": 'W/"a"', "Last-Modified": "Sat, 01 Nov 2025 10:00:00 GMT", "Content-Length": "5"},
         Begun("Sat, 01 Nov 2025 10:00:00 GMT", 5)),
        ({"Last-Modified": "Sat, 01 Nov 2025 10:00:00 GMT"}, None),
        ({"ETag": '"a"', "Content-Length": "5", "Content-Encoding": "gzip"}, None),
    ],
)  # fmt: skip
def test_only_what_a_strong_name_and_a_length_is_known_of_can_be_resumed(headers, expected):
    assert begun_by(Headers(headers)) == expected


@pytest.mark.parametrize(
    ("status", "range_", "expected"),
    [
        (206, "bytes 3-9/10", True),
        (206, "bytes 2-9/10", False),
        (206, "bytes 3-9/11", False),
        (206, "bytes 3-9/*", False),
        (206, "", False),
        (200, "bytes 3-9/10", False),
    ],
)
def test_only_the_very_next_byte_of_the_same_length_fits(status, range_, expected):
    assert goes_on(status, Headers({"Content-Range": range_}), 3, Begun('"a"', 10)) is expected


@pytest.mark.parametrize("notes", ["", "{}", "[1]", '{"validator": "x", "total": "many"}'])
def test_notes_that_cannot_be_read_begin_anew(tmp_path, notes):
    (tmp_path / "x.part").write_bytes(b"abc")
    (tmp_path / "x.json").write_text(notes)
    headers = Headers()
    sink = ResumableSink(tmp_path, "x")
    sink.begin(headers)
    sink.discard()
    assert "Range" not in headers


def test_a_part_that_another_has_is_left_to_it(tmp_path):
    first, second = ResumableSink(tmp_path, "x"), ResumableSink(tmp_path, "x")
    answer = Headers({"ETag": '"a"', "Content-Length": "6"})
    for sink in (first, second):
        sink.begin(Headers())
        sink.answer(200, answer)
        sink.write(b"abc")
    assert first.path() != second.path()
    second.write(b"def")
    second.keep(tmp_path / "kept")
    first.let_go()
    third, headers = ResumableSink(tmp_path, "x"), Headers()
    third.begin(headers)
    assert headers["Range"] == b"bytes=3-"
    third.let_go()
    assert (tmp_path / "kept").read_bytes() == b"abcdef"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "x.json", "x.part"]


def test_a_download_of_which_nothing_came_leaves_nothing(tmp_path):
    sink = ResumableSink(tmp_path, "x")
    sink.begin(Headers())
    sink.let_go()
    sink.begin(Headers())
    sink.answer(404, Headers())
    sink.write(b"not found")
    sink.let_go()
    assert list(tmp_path.iterdir()) == []
