"""What every way to fetch promises: the same server, the same answers, whatever the library."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import ssl
import struct
import subprocess
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec

import pytest

from shoal.crawl import signals
from shoal.crawl.exceptions import (
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotConfigured,
    ResponseDataLossError,
    StopDownload,
    UnsupportedURLSchemeError,
)
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse, TextResponse
from shoal.scrapy.utils.test import get_crawler

HANDLERS = {
    "curl": ("pycurl", "shoal.crawl.download.curl", "CurlDownloadHandler"),
    "aiohttp": ("aiohttp", "shoal.crawl.download.aio", "AiohttpDownloadHandler"),
    "threads": ("requests", "shoal.crawl.download.threads", "ThreadDownloadHandler"),
}


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


def answer(head: bytes, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 " + head + b"\r\n\r\n" + body


HTML = b"Content-Type: text/html"
ANSWERS = {
    b"/text": answer(b"200 OK\r\n" + HTML + b"\r\nContent-Length: 5", b"Works"),
    b"/twice": answer(b"200 OK\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\nContent-Length: 0"),
    b"/chunked": answer(
        b"200 OK\r\nTransfer-Encoding: chunked", b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-Trailer: t\r\n\r\n"
    ),
    b"/until-closed": answer(b"200 OK\r\n" + HTML, b"all of it"),
    b"/gzip": answer(b"200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25", gzip.compress(b"hello", mtime=0)),
    b"/early": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + answer(b"200 OK\r\nContent-Length: 2", b"ok"),
    b"/nothing": answer(b"204 No Content"),
    b"/unchanged": answer(b'304 Not Modified\r\nETag: "x"'),
    b"/elsewhere": answer(b"302 Found\r\nLocation: /text\r\nContent-Length: 0"),
    b"/cut": answer(b"200 OK\r\nContent-Length: 100", b"partial"),
    b"/cut-chunked": answer(b"200 OK\r\nTransfer-Encoding: chunked", b"3\r\nabc\r\n"),
    b"/long": answer(b"200 OK\r\nContent-Length: 1000000", b"x" * 1_000_000),
    b"/endless": answer(b"200 OK\r\nContent-Type: text/plain", b"x" * 300_000),
    b"/garbage": b"this is not HTTP\r\n\r\n",
}
CLOSING = {b"/until-closed", b"/cut", b"/cut-chunked", b"/endless", b"/garbage"}


class Server:
    """Answers by path; `heads` are the requests as they came, `connections` counts."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    async def stop(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._server.close()
        await self._server.wait_closed()
        while self._open:
            await asyncio.sleep(0)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            while await self._once(reader, writer):
                pass
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            self._open.discard(writer)

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        method, target, _ = head.split(b" ", 2)
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        self.bodies.append(await reader.readexactly(int(length[0][15:])) if length else b"")
        path = target.partition(b"?")[0]
        if path == b"/reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if path == b"/silent":
            await reader.read()
            return False
        if path == b"/hangs":
            writer.write(answer(b"200 OK\r\nContent-Length: 100", b"a little"))
            await reader.read()
            return False
        reply = ANSWERS.get(path, answer(b"200 OK\r\nContent-Length: 2", b"ok"))
        writer.write(reply.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == b"HEAD" else reply)
        await writer.drain()
        return path not in CLOSING


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None):
    server = Server(tls)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def handling(handler_class, **settings):
    crawler = get_crawler(settings_dict=settings)
    handler = handler_class.from_crawler(crawler)
    try:
        yield handler
    finally:
        await handler.close()


def fetch(handler_class, path: str, settings: dict | None = None, **request):
    """One request against a fresh server: (response, server)."""

    async def run():
        async with serving() as server, handling(handler_class, **(settings or {})) as handler:
            return await handler.download_request(Request(server.url(path), **request)), server

    return asyncio.run(run())


def test_a_page_comes_with_all_that_is_known_of_it(handler_class):
    request = Request("http://127.0.0.1/")
    response, server = fetch(handler_class, "/text", meta=request.meta)
    assert (response.status, response.body, type(response)) == (200, b"Works", HtmlResponse)
    assert response.headers["Content-Type"] == b"text/html"
    assert str(response.ip_address) == "127.0.0.1"
    assert response.protocol == "HTTP/1.1"
    assert response.certificate is None
    assert response.url == server.url("/text")


def test_nothing_is_sent_that_the_request_does_not_say(handler_class):
    _, server = fetch(handler_class, "/text", headers={"X-One": "1"})
    lines = server.heads[0].split(b"\r\n")
    names = {line.partition(b":")[0].lower() for line in lines[1:] if line}
    assert names - {b"connection"} == {b"host", b"x-one"}


def test_the_time_to_the_first_byte_is_noted(handler_class):
    async def run():
        async with serving() as server, handling(handler_class) as handler:
            request = Request(server.url("/text"))
            await handler.download_request(request)
            return request.meta["download_latency"]

    assert asyncio.run(run()) > 0


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_is_sent(handler_class, method):
    _, server = fetch(handler_class, "/text", method=method, body=b"a\0b")
    assert server.heads[0].startswith(method.encode() + b" ")
    assert server.bodies == [b"a\0b"]
    assert b"content-type" not in server.heads[0].lower()


def test_a_post_without_body_says_so(handler_class):
    _, server = fetch(handler_class, "/text", method="POST")
    assert server.heads[0].lower().count(b"content-length: 0") == 1


def test_the_next_request_knows_nothing_of_the_last(handler_class):
    async def run():
        async with serving() as server, handling(handler_class, CONCURRENT_REQUESTS=1) as handler:
            await handler.download_request(Request(server.url("/text"), method="POST", body=b"x", headers={"X-A": "1"}))
            await handler.download_request(Request(server.url("/twice"), method="HEAD"))
            response = await handler.download_request(Request(server.url("/text")))
            return server, response

    server, response = asyncio.run(run())
    assert server.heads[2].startswith(b"GET /text")
    assert b"X-A" not in server.heads[2]
    assert b"cookie" not in server.heads[2].lower()
    assert response.body == b"Works"


def test_connections_are_used_again(handler_class):
    async def run():
        async with serving() as server, handling(handler_class, CONCURRENT_REQUESTS=1) as handler:
            for _ in range(5):
                await handler.download_request(Request(server.url("/text")))
            return server.connections

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/chunked", 200, b"abcdefg"),
        ("/until-closed", 200, b"all of it"),
        ("/gzip", 200, gzip.compress(b"hello", mtime=0)),
        ("/early", 200, b"ok"),
        ("/nothing", 204, b""),
        ("/unchanged", 304, b""),
        ("/elsewhere", 302, b""),
    ],
)
def test_answers_of_all_forms_are_read(handler_class, path, status, body):
    if path == "/early" and handler_class.__name__ == "ThreadDownloadHandler":
        pytest.skip("Python's http.client takes the first answer but 100 for the last one")
    response, _ = fetch(handler_class, path)
    assert (response.status, response.body, response.flags) == (status, body, [])


def test_a_head_request_has_no_body_whatever_the_size_of_the_page(handler_class):
    response, _ = fetch(handler_class, "/long", {"DOWNLOAD_MAXSIZE": 10}, method="HEAD")
    assert (response.body, response.headers["Content-Length"]) == (b"", b"1000000")


def test_headers_that_come_twice_are_kept(handler_class):
    response, _ = fetch(handler_class, "/twice")
    assert response.headers.getlist("Set-Cookie") == [b"a=b", b"c=d"]


def test_a_cut_body_is_a_failure(handler_class, caplog):
    with pytest.raises(ResponseDataLossError, match="/cut"):
        fetch(handler_class, "/cut")
    assert "Got data loss" in caplog.text


@pytest.mark.parametrize(("path", "body"), [("/cut", b"partial"), ("/cut-chunked", b"abc")])
def test_a_cut_body_is_taken_where_that_is_wanted(handler_class, path, body):
    response, _ = fetch(handler_class, path, meta={"download_fail_on_dataloss": False})
    assert (response.body, response.flags) == (body, ["dataloss"])


def test_a_promised_size_over_the_limit_is_refused(handler_class):
    with pytest.raises(DownloadCancelledError, match=r"Expected to receive 1000000 bytes .* max size \(10\)"):
        fetch(handler_class, "/long", {"DOWNLOAD_MAXSIZE": 10})


def test_a_body_over_the_limit_is_cut_off_while_it_comes(handler_class):
    with pytest.raises(DownloadCancelledError, match=r"Received \d+ bytes .* max size \(2000\)"):
        fetch(handler_class, "/endless", meta={"download_maxsize": 2000})


def test_a_large_body_is_told_once(handler_class, caplog):
    fetch(handler_class, "/endless", {"DOWNLOAD_WARNSIZE": 1000})
    assert caplog.text.count("download warn size (1000)") == 1


@pytest.mark.parametrize("path", ["/silent", "/hangs"])
def test_a_download_has_a_time_limit_in_all(handler_class, path):
    with pytest.raises(DownloadTimeoutError, match=path):
        fetch(handler_class, path, meta={"download_timeout": 0.2})


def test_a_reset_connection_is_a_failed_download(handler_class):
    with pytest.raises(DownloadFailedError):
        fetch(handler_class, "/reset")


def test_an_answer_that_is_not_http_is_a_failed_download(handler_class):
    with pytest.raises((DownloadFailedError, ResponseDataLossError)):
        fetch(handler_class, "/garbage")


def test_a_refused_connection_is_told_as_such(handler_class):
    async def run():
        async with serving() as server:
            port = server.port
        async with handling(handler_class) as handler:
            await handler.download_request(Request(f"http://127.0.0.1:{port}/"))

    with pytest.raises(DownloadConnectionRefusedError):
        asyncio.run(run())


def test_only_http_is_spoken(handler_class):
    async def run():
        async with handling(handler_class) as handler:
            await handler.download_request(Request("gopher://127.0.0.1/"))

    with pytest.raises(UnsupportedURLSchemeError):
        asyncio.run(run())


def test_a_proxy_gets_the_whole_url_and_its_own_credentials(handler_class):
    async def run():
        async with serving() as proxy, handling(handler_class) as handler:
            request = Request("http://site.invalid/x?y=1", meta={"proxy": proxy.url("")})
            request.headers["Proxy-Authorization"] = "Basic dTpw"
            response = await handler.download_request(request)
            return proxy.heads[0], response

    head, response = asyncio.run(run())
    assert head.startswith(b"GET http://site.invalid/x?y=1 ")
    assert response.url == "http://site.invalid/x?y=1"
    assert b"proxy-authorization: basic dtpw" in head.lower()


def test_credentials_for_a_proxy_never_reach_a_server(handler_class):
    _, server = fetch(handler_class, "/text", headers={"Proxy-Authorization": "Basic dTpw"})
    assert b"dTpw" not in server.heads[0]


def test_a_proxy_of_the_environment_is_not_used(handler_class, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    response, _ = fetch(handler_class, "/text")
    assert response.body == b"Works"


def test_connections_may_come_from_an_address_of_choice(handler_class):
    response, _ = fetch(handler_class, "/text", {"DOWNLOAD_BIND_ADDRESS": "127.0.0.2"})
    assert response.body == b"Works"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


def tls_context(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    return context


def fetch_tls(handler_class, certificate, **settings):
    async def run():
        async with serving(tls_context(certificate)) as server, handling(handler_class, **settings) as handler:
            responses = [await handler.download_request(Request(server.url("/text"))) for _ in range(2)]
            return responses[-1]

    return asyncio.run(run())


def test_a_certificate_that_nobody_vouches_for_is_refused(handler_class, certificate):
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with pytest.raises(DownloadFailedError):
        fetch_tls(handler_class, certificate)


def test_certificates_are_not_verified_where_that_is_said(handler_class, certificate):
    response = fetch_tls(handler_class, certificate, DOWNLOAD_VERIFY_CERTIFICATES=False)
    assert response.body == b"Works"
    assert response.certificate == ssl.PEM_cert_to_DER_cert(certificate[1].read_text())


def test_a_trusted_authority_may_be_named(handler_class, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    assert fetch_tls(handler_class, certificate).body == b"Works"


class Stopper:
    """Has enough at the first signal."""

    def __init__(self, fail: bool) -> None:
        self.fail = fail
        self.seen: list = []

    def headers(self, headers, body_length):
        self.seen.append((dict(headers), body_length))
        raise StopDownload(fail=self.fail)

    def data(self, data):
        self.seen.append(data)
        raise StopDownload(fail=self.fail)


def fetch_stopped(handler_class, signal, listener):
    async def run():
        crawler = get_crawler()
        crawler.signals.connect(listener, signal)
        handler = handler_class.from_crawler(crawler)
        async with serving() as server:
            try:
                return await handler.download_request(Request(server.url("/long")))
            finally:
                await handler.close()

    return asyncio.run(run())


def test_a_listener_to_the_headers_may_stop_the_download(handler_class):
    stopper = Stopper(fail=False)
    response = fetch_stopped(handler_class, signals.headers_received, stopper.headers)
    assert response.body == b""
    assert response.flags == ["download_stopped"]
    assert stopper.seen == [({b"Content-Length": [b"1000000"]}, 1_000_000)]


def test_a_listener_to_the_body_may_stop_the_download(handler_class):
    stopper = Stopper(fail=False)
    response = fetch_stopped(handler_class, signals.bytes_received, stopper.data)
    assert stopper.seen == [response.body]
    assert 0 < len(response.body) < 1_000_000
    assert isinstance(response, TextResponse)


def test_a_stopped_download_may_be_a_failure(handler_class):
    with pytest.raises(StopDownload) as raised:
        fetch_stopped(handler_class, signals.bytes_received, Stopper(fail=True).data)
    assert raised.value.response.flags == ["download_stopped"]


def test_many_requests_at_once_get_each_its_own_answer(handler_class):
    async def run():
        async with serving() as server, handling(handler_class) as handler:
            paths = ["/text", "/chunked", "/until-closed", "/unknown"] * 10
            responses = await asyncio.gather(*(handler.download_request(Request(server.url(p))) for p in paths))
            return [response.body for response in responses]

    assert asyncio.run(run()) == [b"Works", b"abcdefg", b"all of it", b"ok"] * 10


def test_a_name_may_be_given_an_address():
    curl = pytest.importorskip("shoal.crawl.download.curl")

    async def run():
        settings = {"DOWNLOAD_RESOLVE": ["site.invalid:127.0.0.1"]}
        async with serving() as server, handling(curl.CurlDownloadHandler, **settings) as handler:
            await handler.download_request(Request(server.url("/text", "site.invalid")))
            return server

    server = asyncio.run(run())
    assert f"Host: site.invalid:{server.port}".encode() in server.heads[0]


@pytest.mark.parametrize("setting", ["DOWNLOAD_FIRST_BYTE_TIMEOUT", "DOWNLOAD_TIMEOUT"])
def test_a_server_that_says_nothing_is_given_up(setting):
    curl = pytest.importorskip("shoal.crawl.download.curl")
    with pytest.raises(DownloadTimeoutError, match="/silent"):
        fetch(curl.CurlDownloadHandler, "/silent", {setting: 0.2})


@pytest.mark.parametrize("value", ["a\r\nX-Smuggled: 1", "a\nb", "a\0b"])
def test_no_header_smuggles_in_another(value):
    curl = pytest.importorskip("shoal.crawl.download.curl")
    with pytest.raises(ValueError, match="line break"):
        fetch(curl.CurlDownloadHandler, "/text", headers={"X-One": value})


def test_a_cancelled_download_frees_its_handle():
    curl = pytest.importorskip("shoal.crawl.download.curl")

    async def run():
        async with serving() as server, handling(curl.CurlDownloadHandler) as handler:
            task = asyncio.ensure_future(handler.download_request(Request(server.url("/silent"))))
            while not server.heads:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await handler.download_request(Request(server.url("/text")))).body, len(handler._free)

    assert asyncio.run(run()) == (b"Works", 1)


@pytest.mark.parametrize("loop_class", ["uvloop", "LoopWatch"])
def test_other_loops_and_waits_fetch_as_well(loop_class, monkeypatch):
    curl = pytest.importorskip("shoal.crawl.download.curl")
    from shoal.crawl.download import curl_pump

    async def run():
        async with serving() as server, handling(curl.CurlDownloadHandler) as handler:
            requests = [Request(server.url(path)) for path in ["/text", "/until-closed", "/chunked"] * 20]
            return {r.body for r in await asyncio.gather(*map(handler.download_request, requests))}

    if loop_class == "uvloop":
        result = pytest.importorskip("uvloop").run(run())
    else:
        monkeypatch.setattr(curl_pump, "EpollWatch", curl_pump.LoopWatch)
        result = asyncio.run(run())
    assert result == {b"Works", b"all of it", b"abcdefg"}


@pytest.mark.parametrize("name", ["curl", "aiohttp"])
def test_how_a_connection_is_protected_is_told_where_that_is_wanted(name, certificate, caplog):
    library, module, class_name = HANDLERS[name]
    pytest.importorskip(library)
    settings = {"DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING": True, "DOWNLOAD_VERIFY_CERTIFICATES": False}
    with caplog.at_level(logging.DEBUG):
        fetch_tls(getattr(import_module(module), class_name), certificate, **settings)
    assert "SSL connection to 127.0.0.1 using protocol TLSv1.3, cipher TLS_" in caplog.text


def test_nobody_waits_for_a_handler_that_was_closed():
    curl = pytest.importorskip("shoal.crawl.download.curl")

    async def run():
        async with serving() as server, handling(curl.CurlDownloadHandler) as handler:
            task = asyncio.ensure_future(handler.download_request(Request(server.url("/silent"))))
            while not server.heads:
                await asyncio.sleep(0)
            await handler.close()
            await task

    with pytest.raises(DownloadCancelledError, match="the crawl ends"):
        asyncio.run(run())


def test_the_usual_handler_is_the_best_that_is_installed(monkeypatch):
    from shoal.crawl.download import http

    installed = {"pycurl", "aiohttp"}
    monkeypatch.setattr(http, "find_spec", lambda name: name if name in installed else None)
    assert http.best_handler().__name__ == "CurlDownloadHandler"
    installed.remove("pycurl")
    assert http.best_handler().__name__ == "AiohttpDownloadHandler"
    installed.clear()
    with pytest.raises(NotConfigured, match="pip install"):
        http.best_handler()
