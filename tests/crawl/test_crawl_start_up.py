"""The start-up budget of a crawl: what `shoal runspider` loads before it fetches its first page, and after.

A list of what must not be loaded by a spider that follows links and writes dicts to a file: on a site of 2,000 pages
each 100 ms of imports are 50 us a page. The test names who imported it.
"""

import http.server
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

import pytest

from shoal.crawl.components import load_object
from shoal.crawl.default_homes import HOMES, is_off
from shoal.crawl.settings import Settings

SPIDER = """
import scrapy
class Plain(scrapy.Spider):
    name = "plain"
    def __init__(self, start):
        self.start_urls = [start]
    def parse(self, response):
        yield {"title": response.css("title::text").get(), "kind": isinstance(response, scrapy.http.HtmlResponse)}
        yield from response.follow_all(css="a")
"""
# Libraries for items that are no dicts, other formats, other ways to fetch, other stores.
NOT_FOR_PLAIN = {"aiohttp", "attr", "boto3", "botocore", "charset_normalizer", "google", "itemadapter"}
NOT_FOR_PLAIN |= {"itemloaders", "PIL", "protego", "pyarrow", "pydantic", "requests", "sqlalchemy", "tldextract"}
NOT_FOR_PLAIN |= {"urllib3", "zstandard"}
# Measured in milliseconds of an import: importlib.metadata 19, importlib.abc 13, xml.sax 9, logging.config 5.
NOT_FOR_PLAIN |= {"importlib.abc", "importlib.metadata", "logging.config", "mimetypes", "multiprocessing"}
NOT_FOR_PLAIN |= {"configparser", "ftplib", "http.cookiejar", "http.server", "webbrowser", "xml", "xmlrpc"}
OURS = {"curl", "forms", "linkextract", "loader", "payloads", "robotstxt", "sitemap", "feed_rows", "exporters.csvrows"}
OURS |= {"exporters.parquet", "exporters.xmltext", "feeds.remote", "feeds.postprocessing", "download.aio"}
OURS |= {"download.ftp", "download.s3", "download.threads", "middleware.downloader.robotstxt", "versions"}
OURS |= {
    "middleware.downloader.cookies",
    "middleware.downloader.httpcache",
    "extensions.throttle",
    "extensions.memusage",
}
NOT_FOR_PLAIN |= {f"shoal.crawl.{name}" for name in OURS}
QUIET = ("LOG_LEVEL=ERROR", "COOKIES_ENABLED=0", "RETRY_ENABLED=0", "MEMUSAGE_ENABLED=0")


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"<html><head><title>t</title></head><body><a href='/other'>other</a></body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


# Imports by name (`import_module`) are not in what `-X importtime` writes, those that they cause are.
PROGRAM = """
import sys
from shoal.cli import main
status = main(sys.argv[1:])
print("\\n".join(sorted(sys.modules)))
sys.exit(status)
"""


def importers(error: str) -> dict[str, str]:
    """Module -> who imported it, from what `-X importtime` writes; a module stands after those that it imports."""
    reports = [line.rsplit("|", 1)[1] for line in error.splitlines() if line.startswith("import time:")][1:]
    names = [(len(text) - len(text.lstrip()), text.strip()) for text in reports]
    return {
        name: next((other for further, other in names[place:] if further < depth), "")
        for place, (depth, name) in enumerate(names)
    }


def crawl(folder: Path, site: str, *settings: str) -> dict[str, str]:
    """What a whole crawl loads: module -> who imported it, "" where that cannot be told."""
    (folder / "plain.py").write_text(SPIDER)
    words = ["runspider", "plain.py", "-a", f"start={site}", "-O", "items.jsonl"]
    words += [word for setting in settings for word in ("-s", setting)]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", PROGRAM, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (folder / "items.jsonl").read_text() == '{"title": "t", "kind": true}\n' * 2
    known = importers(done.stderr)
    return {name: known.get(name, "") for name in done.stdout.split()}


def beyond_what_is_plain(loaded: dict[str, str]) -> dict[str, str]:
    def banned(name: str) -> bool:
        return name in NOT_FOR_PLAIN or name.partition(".")[0] in NOT_FOR_PLAIN

    return {name: by for name, by in loaded.items() if banned(name)}


def test_a_plain_crawl_loads_only_what_it_uses(tmp_path, site):
    loaded = crawl(tmp_path, site, *QUIET)
    assert beyond_what_is_plain(loaded) == {}, "what a plain crawl need not import (module: importer)"
    assert "parsel" in loaded and "pycurl" in loaded, "the test sees what is imported"


def test_what_a_setting_asks_for_is_loaded(tmp_path, site):
    loaded = crawl(tmp_path, site, *QUIET, "COOKIES_ENABLED=1", "AUTOTHROTTLE_ENABLED=1", "AUTOTHROTTLE_START_DELAY=0")
    assert {"shoal.crawl.middleware.downloader.cookies", "shoal.crawl.extensions.throttle"} <= set(loaded)


@pytest.mark.parametrize("path", HOMES)
def test_a_default_component_is_the_same_at_home_and_on_its_face(path):
    module, _, name = path.rpartition(".")
    face = import_module(module if module.startswith("shoal.") else f"shoal.{module}")
    assert getattr(face, name) is getattr(import_module(HOMES[path]), name)


def test_a_face_that_was_changed_is_believed(monkeypatch):
    import shoal.scrapy.dupefilters as face

    class Mine:
        pass

    monkeypatch.setattr(face, "RFPDupeFilter", Mine)
    assert load_object("scrapy.dupefilters.RFPDupeFilter") is Mine


def test_only_what_is_off_is_off(monkeypatch):
    retry, state = "scrapy.downloadermiddlewares.retry.RetryMiddleware", "scrapy.extensions.spiderstate.SpiderState"
    for path in (retry, state):
        monkeypatch.delitem(sys.modules, "shoal." + path.rpartition(".")[0], raising=False)
    assert not is_off(retry, Settings())
    assert is_off(retry, Settings({"RETRY_ENABLED": "0"}))
    assert is_off(state, Settings())
    assert not is_off(state, Settings({"JOBDIR": "job"}))
    assert not is_off("project.middlewares.RetryMiddleware", Settings({"RETRY_ENABLED": False}))
