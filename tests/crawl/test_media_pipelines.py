"""Files and images that items point at: fetched once, kept whole, found again, never outside their store."""

import asyncio
import io
import os
import threading
import time
from types import SimpleNamespace

import pytest

from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import IgnoreRequest, NotConfigured
from shoal.crawl.pipelines.filemedia import FilesPipeline
from shoal.crawl.pipelines.images import ImagesPipeline
from shoal.crawl.pipelines.stores import FSFilesStore
from shoal.crawl.request import Request
from shoal.crawl.response import Response
from shoal.crawl.spider import Spider


class Fetching(Spider):
    name = "fetching"


class Site:
    """An engine that knows some addresses; `asked` lists what it was asked for."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []

    async def download_async(self, request):
        self.asked.append(request.url)
        await asyncio.sleep(0)
        page = self.pages.get(request.url, Response(request.url, status=404))
        if isinstance(page, Exception):
            raise page
        return page if isinstance(page, Response) else Response(request.url, body=page)


def pipeline(cls, store, pages=None, **settings):
    key = "IMAGES_STORE" if issubclass(cls, ImagesPipeline) else "FILES_STORE"
    crawler = Crawler(Fetching, {key: str(store), **settings})
    crawler._apply_settings()
    crawler.spider = crawler._create_spider()
    crawler.engine = Site(pages or {})
    made = cls.from_crawler(crawler)
    made.open_spider()
    return made


def process(made, *items):
    async def all_at_once():
        return await asyncio.gather(*(made.process_item(item) for item in items))

    return asyncio.run(all_at_once())


def test_a_file_many_items_point_at_is_fetched_once_and_told_to_all(tmp_path):
    made = pipeline(FilesPipeline, tmp_path, {"http://a/x.txt": b"data"})
    items = process(made, *({"file_urls": ["http://a/x.txt"]} for _ in range(5)))
    assert made.crawler.engine.asked == ["http://a/x.txt"]
    assert len({item["files"][0]["path"] for item in items}) == 1
    assert (tmp_path / items[0]["files"][0]["path"]).read_bytes() == b"data"


def test_what_failed_once_is_not_asked_for_again_and_the_rest_is_kept(tmp_path):
    made = pipeline(FilesPipeline, tmp_path, {"http://a/x.txt": b"data", "http://a/down": OSError("refused")})
    urls = ["http://a/x.txt", "http://a/gone", "http://a/down"]
    first, second = process(made, {"file_urls": urls}, {"file_urls": urls})
    assert [file["url"] for file in first["files"]] == ["http://a/x.txt"] == [file["url"] for file in second["files"]]
    assert sorted(made.crawler.engine.asked) == sorted(urls)


def test_a_file_that_is_kept_and_young_enough_is_not_fetched(tmp_path):
    pages = {"http://a/x.txt": b"data"}
    (kept,) = process(pipeline(FilesPipeline, tmp_path, pages), {"file_urls": ["http://a/x.txt"]})
    again = pipeline(FilesPipeline, tmp_path, pages)
    (item,) = process(again, {"file_urls": ["http://a/x.txt"]})
    assert again.crawler.engine.asked == []
    assert item["files"][0] == {**kept["files"][0], "status": "uptodate"}


def test_a_file_that_is_too_old_is_fetched_again(tmp_path):
    pages = {"http://a/x.txt": b"new"}
    made = pipeline(FilesPipeline, tmp_path, pages, FILES_EXPIRES=3)
    path = tmp_path / made.file_path(Request("http://a/x.txt"))
    path.parent.mkdir()
    path.write_bytes(b"old")
    long_ago = time.time() - 4 * 24 * 60 * 60
    os.utime(path, (long_ago, long_ago))
    (item,) = process(made, {"file_urls": ["http://a/x.txt"]})
    assert item["files"][0]["status"] == "downloaded"
    assert path.read_bytes() == b"new"


def test_the_same_contents_under_two_addresses_are_kept_once_where_that_is_wanted(tmp_path):
    pages = {"http://a/x.txt": b"data", "http://b/y.txt": b"data"}
    made = pipeline(FilesPipeline, tmp_path, pages, FILES_CONTENT_NAMES=True)
    process(made, {"file_urls": list(pages)})
    assert len(list((tmp_path / "full").iterdir())) == 1


def test_files_larger_than_wanted_are_refused_by_the_downloader(tmp_path):
    made = pipeline(FilesPipeline, tmp_path, FILES_MAXSIZE=1000)
    request = Request("http://a/x.txt")
    made._modify_media_request(request)
    assert request.meta["download_maxsize"] == 1000


@pytest.mark.parametrize("path", ["../outside", "full/../../outside", "a/../../../etc/passwd"])
def test_no_file_is_kept_outside_the_store(tmp_path, path):
    store = FSFilesStore(tmp_path / "store")
    with pytest.raises(ValueError, match="leads out of the store"):
        store.persist_file(path, io.BytesIO(b"data"), None)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_file_is_no_error(tmp_path, caplog):
    made = pipeline(FilesPipeline, tmp_path, {"http://b/x": IgnoreRequest("not our site")})
    (item,) = process(made, {"file_urls": ["http://b/x"]})
    assert item["files"] == []
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


def test_whoever_waits_for_a_file_is_released_when_the_crawl_is_torn_down(tmp_path):
    made = pipeline(FilesPipeline, tmp_path)

    async def never(request):
        await asyncio.get_running_loop().create_future()

    made.crawler.engine = SimpleNamespace(download_async=never)

    async def torn_down():
        tasks = [asyncio.ensure_future(made.process_item({"file_urls": ["http://a/x"]})) for _ in range(2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks[0].cancel()
        return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)

    assert [type(end) for end in asyncio.run(torn_down())] == [asyncio.CancelledError] * 2


def test_methods_written_before_they_were_told_the_item_still_work(tmp_path):
    class Older(FilesPipeline):
        def __init__(self, store_uri, download_func=None, settings=None):
            super().__init__(store_uri, settings=settings, download_func=download_func)

        def file_path(self, request, response=None, info=None):
            return request.url.rpartition("/")[2]

        def get_media_requests(self, item, info):
            yield Request(item["address"])

        def item_completed(self, results, item, info):
            return {**item, "kept": [info["path"] for succeeded, info in results if succeeded]}

    made = pipeline(Older, tmp_path, {"http://a/x.txt": b"data"})
    (item,) = process(made, {"address": "http://a/x.txt"})
    assert item["kept"] == ["x.txt"]
    assert (tmp_path / "x.txt").read_bytes() == b"data"


def test_without_a_store_there_is_no_pipeline():
    crawler = Crawler(Fetching, {"FILES_STORE": ""})
    crawler._apply_settings()
    with pytest.raises(NotConfigured):
        FilesPipeline.from_crawler(crawler)


def picture(size, mode="RGB", kind="PNG", **more):
    image = pytest.importorskip("PIL.Image")
    contents = io.BytesIO()
    image.new(mode, size).save(contents, kind, **more)
    return contents.getvalue()


def test_an_image_is_kept_as_jpeg_with_its_thumbnails(tmp_path):
    pages = {"http://a/x.png": picture((40, 20), "RGBA")}
    made = pipeline(ImagesPipeline, tmp_path, pages, IMAGES_THUMBS={"small": (10, 10)})
    (item,) = process(made, {"image_urls": ["http://a/x.png"]})
    name = item["images"][0]["path"].removeprefix("full/")
    image = pytest.importorskip("PIL.Image")
    sizes = {}
    for path in (tmp_path / "full" / name, tmp_path / "thumbs" / "small" / name):
        with image.open(path) as kept:
            sizes[path.parent.name] = (kept.format, kept.size)
    assert sizes == {"full": ("JPEG", (40, 20)), "small": ("JPEG", (10, 5))}


def test_an_upright_jpeg_is_kept_byte_for_byte(tmp_path):
    body = picture((8, 8), kind="JPEG")
    (item,) = process(pipeline(ImagesPipeline, tmp_path, {"http://a/x.jpg": body}), {"image_urls": ["http://a/x.jpg"]})
    assert (tmp_path / item["images"][0]["path"]).read_bytes() == body


@pytest.mark.parametrize("body", ["too small", "no image", "cut off"])
def test_images_that_are_too_small_or_broken_are_left_out(tmp_path, body):
    body = {"too small": picture((8, 8)), "no image": b"text", "cut off": picture((40, 40))[:60]}[body]
    made = pipeline(ImagesPipeline, tmp_path, {"http://a/x.png": body}, IMAGES_MIN_WIDTH=9)
    (item,) = process(made, {"image_urls": ["http://a/x.png"]})
    assert item["images"] == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


class Streaming(Site):
    """An engine that writes bodies where requests want them, after a try that was cut off."""

    async def download_async(self, request):
        response = await super().download_async(request)
        sink = request.meta["download_sink"]
        sink.begin(request.headers)
        sink.write(b"cut o")
        sink.begin(request.headers)
        for start in range(0, len(response.body), 2):
            sink.write(response.body[start : start + 2])
        return response.replace(body=b"")


def test_a_file_is_written_while_it_comes_and_has_its_name_when_it_is_whole(tmp_path):
    made = pipeline(FilesPipeline, tmp_path, FILES_STREAM=True)
    made.crawler.engine = Streaming({"http://a/x.txt": b"some data"})
    (item,) = process(made, {"file_urls": ["http://a/x.txt", "http://a/gone"]})
    (kept,) = item["files"]
    assert (
        kept["checksum"] == "1e50210a0202497fb79bc38b6ade6c34" == made.store.stat_file(kept["path"], None)["checksum"]
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [kept["path"].removeprefix("full/")]


def test_a_downloader_that_cannot_write_files_gives_their_bodies(tmp_path):
    made = pipeline(FilesPipeline, tmp_path, {"http://a/x.txt": b"data"}, FILES_STREAM=True)
    (item,) = process(made, {"file_urls": ["http://a/x.txt"]})
    assert (tmp_path / item["files"][0]["path"]).read_bytes() == b"data"


@pytest.mark.parametrize("own", [False, True])
def test_images_are_made_in_a_thread_unless_the_project_has_a_say_in_it(tmp_path, own):
    threads = set()

    class Plain(ImagesPipeline):
        pass

    class Own(ImagesPipeline):
        def thumb_path(self, request, thumb_id, response=None, info=None, *, item=None):
            return f"{thumb_id}.jpg"

    made = pipeline(Own if own else Plain, tmp_path, {"http://a/x.png": picture((4, 4))}, IMAGES_THUMBS={"s": (2, 2)})
    smooth = made._smooth
    made._smooth = lambda: threads.add(threading.current_thread()) or smooth()
    process(made, {"image_urls": ["http://a/x.png"]})
    assert (threads == {threading.main_thread()}) is own
