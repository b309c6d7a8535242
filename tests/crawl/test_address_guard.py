"""Row 36: no page of the internet leads to an address that is not of it, whoever fetches."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from importlib import import_module
from importlib.util import find_spec
from socketserver import ThreadingTCPServer

import pytest

from shoal.crawl.api import run
from shoal.crawl.download import guard
from shoal.crawl.exceptions import AddressRefusedError, DownloadConnectionRefusedError
from shoal.crawl.policy import addresses
from shoal.crawl.policy.addresses import FROM_PUBLIC, is_bound_to_public, network_of, page_network
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider
from shoal.errors import MachineError, UsageError
from shoal.scrapy.utils.test import get_crawler

HANDLERS = {
    "curl": ("pycurl", "shoal.crawl.download.curl", "CurlDownloadHandler"),
    "aiohttp": ("aiohttp", "shoal.crawl.download.aio", "AiohttpDownloadHandler"),
    "threads": ("requests", "shoal.crawl.download.threads", "ThreadDownloadHandler"),
}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(params=list(HANDLERS))
def handler_class(request):
    library, module, name = HANDLERS[request.param]
    pytest.importorskip(library)
    return getattr(import_module(module), name)


@pytest.fixture(scope="module", autouse=True)
def libuv_is_loaded():
    """libuv opens a pipe for signals with the first loop of a process, and keeps it."""
    if find_spec("uvloop") is not None:
        import_module("uvloop").new_event_loop().close()


class Servers:
    """The same port on several addresses of this machine; `peers` are the addresses that were connected to."""

    def __init__(self) -> None:
        self.peers: list[str] = []
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, *hosts: str) -> int:
        port = 0
        for host in hosts:
            self._servers.append(await asyncio.start_server(self._talk, host, port))
            port = self._servers[0].sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        for server in self._servers:
            server.close()
            await server.wait_closed()
        while self._writers:
            await asyncio.sleep(0)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.peers.append(writer.get_extra_info("sockname")[0])
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(OK)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)


def asked(handler_class, *requests, settings=None, hosts=("127.0.0.1",)):
    """What each request got, the status or the error, one after the other; and the addresses that were connected to.

    A request is the host, and what is in its meta.
    """

    async def run():
        servers = Servers()
        port = await servers.start(*hosts)
        handler = handler_class.from_crawler(get_crawler(settings_dict=settings or {}))
        outcomes = []
        try:
            for host, meta in requests:
                request = Request(f"http://{host}:{port}/", meta=meta)
                if "proxy" in meta:
                    request.meta["proxy"] = meta["proxy"].replace("PORT", str(port))
                try:
                    outcomes.append((await handler.download_request(request)).status)
                except Exception as problem:
                    outcomes.append(problem)
        finally:
            await handler.close()
            await servers.stop()
        return outcomes, servers.peers

    return asyncio.run(run())


@pytest.fixture
def public(monkeypatch):
    """127.0.0.2 counts as an address of the internet."""
    usual = addresses._network_of

    def network(address):
        return "public" if str(address) == "127.0.0.2" else usual(address)

    monkeypatch.setattr(addresses, "_network_of", network)


BOUND = {FROM_PUBLIC: True, "depth": 1}
START = {"is_start_request": True}
NOBODY: dict = {}


def test_a_page_of_the_internet_leads_to_no_private_address(handler_class):
    (problem,), peers = asked(handler_class, ("127.0.0.1", BOUND))
    assert isinstance(problem, AddressRefusedError)
    assert "127.0.0.1 is not an address of the internet (REFUSE_PRIVATE_ADDRESSES)" in str(problem)
    assert peers == []


def test_a_page_of_the_internet_leads_on_to_the_internet(handler_class, public):
    assert asked(handler_class, ("127.0.0.2", BOUND), hosts=["127.0.0.2"]) == ([200], ["127.0.0.2"])


@pytest.mark.parametrize("meta", [START, {"depth": 3}, {"depth": 1, "redirect_times": 1}, NOBODY])
def test_who_begins_at_a_private_address_stays_free(handler_class, meta):
    assert asked(handler_class, ("127.0.0.1", meta))[0] == [200]


def test_what_counts_is_the_address_and_not_the_name(handler_class):
    settings = {"DOWNLOAD_RESOLVE": ["innocent.example:127.0.0.1"]}
    (problem,), peers = asked(handler_class, ("innocent.example", BOUND), settings=settings)
    assert isinstance(problem, AddressRefusedError)
    assert peers == []


def test_a_name_that_changes_its_address_is_asked_about_anew(handler_class, public, monkeypatch):
    names = ["127.0.0.2", "127.0.0.1"]
    if handler_class.__name__ == "CurlDownloadHandler":
        _curl_is_told(names, monkeypatch)
    else:
        _the_system_says(names, monkeypatch)
    hosts = ["127.0.0.1", "127.0.0.2"]
    outcomes, peers = asked(handler_class, ("one.example", START), ("one.example", BOUND), hosts=hosts)
    assert outcomes[0] == 200
    assert isinstance(outcomes[1], AddressRefusedError)
    assert peers == ["127.0.0.2"]


def _the_system_says(names, monkeypatch):
    usual = socket.getaddrinfo

    def resolve(host, *rest, **more):
        return usual(names.pop(0) if host == "one.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def _curl_is_told(names, monkeypatch):
    """libcurl resolves by itself, so that each request says where the name leads to."""
    pycurl = pytest.importorskip("pycurl")
    from shoal.crawl.download.curl_handle import Handle

    usual = Handle.tell

    def tell(handle, request, limits):
        handle.curl.setopt(pycurl.CONNECT_TO, [f"one.example::{names.pop(0)}:"])
        usual(handle, request, limits)

    monkeypatch.setattr(Handle, "tell", tell)


def test_a_bound_request_uses_no_connection_of_a_free_one(handler_class):
    requests = ("127.0.0.1", START), ("127.0.0.1", BOUND), ("127.0.0.1", START)
    outcomes, peers = asked(handler_class, *requests, settings={"CONCURRENT_REQUESTS": 1})
    assert outcomes[::2] == [200, 200]
    assert isinstance(outcomes[1], AddressRefusedError)
    assert peers == ["127.0.0.1"]


def test_the_network_of_the_beginning_speaks_for_what_nobody_knows(handler_class, public):
    both = ["127.0.0.1", "127.0.0.2"]
    outcomes, _ = asked(handler_class, ("127.0.0.2", START), ("127.0.0.1", NOBODY), hosts=both)
    assert isinstance(outcomes[1], AddressRefusedError)
    outcomes, _ = asked(handler_class, ("127.0.0.1", START), ("127.0.0.2", NOBODY), ("127.0.0.1", NOBODY), hosts=both)
    assert outcomes == [200, 200, 200]


def test_refused_always_means_also_where_the_crawl_begins(handler_class):
    (problem,), _ = asked(handler_class, ("127.0.0.1", START), settings={"REFUSE_PRIVATE_ADDRESSES": True})
    assert isinstance(problem, AddressRefusedError)


def test_without_the_guard_all_may_be_reached(handler_class):
    assert asked(handler_class, ("127.0.0.1", BOUND), settings={"REFUSE_PRIVATE_ADDRESSES": False})[0] == [200]


def test_a_connection_that_failed_for_another_reason_is_told_as_that(handler_class):
    (problem,), _ = asked(handler_class, ("127.0.0.3", START))
    assert type(problem) is DownloadConnectionRefusedError


def test_a_proxy_may_be_on_this_machine(handler_class):
    meta = {**BOUND, "proxy": "http://127.0.0.1:PORT"}
    assert asked(handler_class, ("site.invalid", meta), settings={"REFUSE_PRIVATE_ADDRESSES": True})[0] == [200]


@pytest.fixture
def allow(tmp_path, monkeypatch):
    def write(text: str):
        (tmp_path / "allowed").write_text(text)
        monkeypatch.setenv("SHOAL_ALLOW", str(tmp_path / "allowed"))

    return write


def test_a_machine_that_allows_some_targets_lets_nothing_else_be_crawled(handler_class, allow):
    allow("127.0.0.2  # the only one\n")
    outcomes, peers = asked(
        handler_class,
        ("127.0.0.2", START),
        ("127.0.0.1", START),
        ("site.invalid", {"proxy": "http://127.0.0.1:PORT"}),
        settings={"REFUSE_PRIVATE_ADDRESSES": False},
        hosts=["127.0.0.1", "127.0.0.2"],
    )
    assert outcomes[0] == 200
    assert [type(one) for one in outcomes[1:]] == [AddressRefusedError] * 2
    assert "127.0.0.1 is not among the targets that this machine allows" in str(outcomes[1])
    assert peers == ["127.0.0.2"]


def test_a_mistake_in_the_machines_list_is_told(handler_class, allow):
    allow("example.com\n")
    with pytest.raises(UsageError, match="no names"):
        handler_class.from_crawler(get_crawler())


def test_a_list_that_cannot_be_read_allows_nothing(handler_class, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOAL_ALLOW", str(tmp_path / "none"))
    with pytest.raises(MachineError, match="allowed targets"):
        handler_class.from_crawler(get_crawler())


def test_a_word_that_is_no_choice_is_told():
    with pytest.raises(UsageError, match="REFUSE_PRIVATE_ADDRESSES is auto, True or False"):
        guard.guard_of(get_crawler(settings_dict={"REFUSE_PRIVATE_ADDRESSES": "perhaps"}))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::"),
    ],
)
def test_addresses_that_are_not_of_the_internet(address):
    assert network_of(address) == "private"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet(address):
    assert network_of(address) == "public"


@pytest.mark.parametrize(
    ("url", "known", "network"),
    [
        ("http://site.example/", {"cached": True, "proxied": False}, "public"),
        ("http://127.0.0.1:8000/", {"cached": True, "proxied": False}, "private"),
        ("http://localhost/", {"cached": True, "proxied": False}, "private"),
        ("http://[fd00::1]:80/", {"cached": True, "proxied": False}, "private"),
        ("http://site.example/", {"cached": False, "proxied": False}, None),
        ("http://127.0.0.1/", {"cached": False, "proxied": True}, "public"),
    ],
)
def test_where_a_page_without_an_address_is_from(url, known, network):
    assert page_network(None, url, **known) == network


def test_a_mark_weighs_more_than_what_a_spider_copies_from_page_to_page():
    assert is_bound_to_public({FROM_PUBLIC: True, "is_start_request": True, "depth": 1}, "private")


class Wanderer(Spider):
    """Begins at one address and goes on to another, by a link, by a redirect and by a file that an item names."""

    name = "wanderer"

    def __init__(self, start, target, how):
        super().__init__()
        self.start_urls = [start]
        self.target = target
        self.how = how
        self.failures = []

    async def start(self):
        url = self.start_urls[0]
        yield Request(f"{url}to?{self.target}" if self.how == "redirect" else url, errback=self.failed)

    def parse(self, response):
        if response.url == self.target:
            yield {"reached": response.url}
        elif self.how == "link":
            yield response.follow(self.target, errback=self.failed)
        elif self.how == "copied meta":
            yield response.follow(self.target, meta=response.meta, errback=self.failed)
        else:
            yield {"file_urls": [self.target]}

    def failed(self, failure):
        yield {"failed": type(failure.value).__name__, "url": failure.request.url}


class Page(BaseHTTPRequestHandler):
    """A small page; `/to?URL` redirects there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        place = self.path.partition("?")[2]
        self.send_response(302 if place else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0" if place else "9")
        if place:
            self.send_header("Location", place)
        self.end_headers()
        if not place:
            self.wfile.write(b"<p>ok</p>")

    def log_message(self, *args):
        pass


@contextmanager
def pages(host):
    with ThreadingTCPServer((host, 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://{host}:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def wander(how, begin, end, tmp_path, **settings):
    if how == "file":
        settings |= {"ITEM_PIPELINES": {"scrapy.pipelines.files.FilesPipeline": 1}, "FILES_STORE": str(tmp_path)}
    with pages(begin) as start, pages(end) as target:
        return run(Wanderer, {"LOG_ENABLED": False, **settings}, start=start, target=target, how=how)


COUNT = "downloader/exception_type_count/scrapy.exceptions.AddressRefusedError"


@pytest.mark.parametrize("how", ["link", "redirect", "copied meta"])
def test_the_errback_hears_once_of_a_way_that_is_barred(how, public, tmp_path):
    done = wander(how, "127.0.0.2", "127.0.0.1", tmp_path)
    assert [item["failed"] for item in done.items] == ["AddressRefusedError"]
    assert done.stats[COUNT] == 1
    assert "retry/count" not in done.stats


def test_a_file_that_an_item_names_is_not_fetched_from_a_private_address(public, tmp_path):
    done = wander("file", "127.0.0.2", "127.0.0.1", tmp_path)
    assert [item["files"] for item in done.items] == [[]]
    assert done.stats[COUNT] == 1


@pytest.mark.parametrize("how", ["link", "redirect", "copied meta"])
@pytest.mark.parametrize("end", ["127.0.0.2", "127.0.0.3"])
def test_a_private_network_is_crawled_as_ever(how, end, public, tmp_path):
    done = wander(how, "127.0.0.1", end, tmp_path)
    assert [list(item) for item in done.items] == [["reached"]]


def test_files_of_a_private_network_are_fetched(tmp_path):
    done = wander("file", "127.0.0.1", "127.0.0.3", tmp_path)
    assert len(done.items[0]["files"]) == 1


def test_robots_txt_is_asked_for_where_its_request_may_go(tmp_path):
    done = wander("link", "127.0.0.1", "127.0.0.3", tmp_path, ROBOTSTXT_OBEY=True)
    assert [list(item) for item in done.items] == [["reached"]]


def test_a_barred_way_is_named_as_that_also_where_robots_txt_would_be_asked_for(public, tmp_path):
    done = wander("link", "127.0.0.2", "127.0.0.1", tmp_path, ROBOTSTXT_OBEY=True)
    assert [item["failed"] for item in done.items] == ["AddressRefusedError"]


def test_ftp_asks_as_well(public, monkeypatch):
    from shoal.crawl.download.ftp import FTPDownloadHandler

    async def fetch():
        handler = FTPDownloadHandler.from_crawler(get_crawler())
        return await handler.download_request(Request("ftp://127.0.0.1/x", meta=BOUND))

    with pytest.raises(AddressRefusedError, match=r"127\.0\.0\.1 is not an address of the internet"):
        asyncio.run(fetch())
