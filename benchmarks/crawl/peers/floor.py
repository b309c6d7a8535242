# ruff: noqa: D101, D102  written as people write such things
"""A crawler written by hand for these sites and nothing else, to know what is possible: floor.py START OUT.

uvloop, httptools and lexbor without an engine, middlewares, errors or politeness. No product; a measure.
"""

import asyncio
import gc
import sys
from collections import deque
from urllib.parse import urljoin, urlsplit

import httptools
import msgspec
import uvloop
import xxhash
from selectolax.lexbor import LexborHTMLParser

CONNECTIONS = 32
encode_lines = msgspec.json.Encoder().encode_lines
fingerprint = xxhash.xxh3_64_intdigest


class Crawl:
    def __init__(self, start, out):
        parts = urlsplit(start)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.host, self.port = parts.hostname, parts.port
        self.out, self.items = out, []
        self.seen, self.hrefs, self.waiting, self.idle = set(), {}, deque(), []
        self.pending, self.ended = 0, asyncio.get_running_loop().create_future()
        self.tail = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: text/html\r\n\r\n"
        self.add(parts.path)

    def add(self, path):
        key = fingerprint(path.encode())
        if key not in self.seen:
            self.seen.add(key)
            self.pending += 1
            if self.idle:
                self.idle.pop().send(path)
            else:
                self.waiting.append(path)

    def free(self, connection):
        if self.waiting:
            connection.send(self.waiting.popleft())
        else:
            self.idle.append(connection)

    def page(self, path, body, status):
        if status == 200:
            self.parse(self.origin + path, LexborHTMLParser(body))
        self.pending -= 1
        if not self.pending:
            self.out.write(encode_lines(self.items))
            self.ended.set_result(None)

    def parse(self, url, tree):
        title = tree.css_first("title")
        self.items.append({"url": url, "title": title.text() if title else None})
        for block in tree.css("div.item"):
            self.items.append(
                {
                    "url": url,
                    "text": block.css_first("span.text").text(deep=False),
                    "author": block.css_first("small.author").text(deep=False),
                    "tags": [tag.text(deep=False) for tag in block.css("a.tag")],
                }
            )
        if len(self.items) > 100:
            self.out.write(encode_lines(self.items))
            self.items.clear()
        folder = url[: url.rfind("/") + 1]
        known = self.hrefs.setdefault(folder, set())
        new = {href for node in tree.tags("a") if (href := node.attrs.get("href"))} - known
        known |= new
        for href in new:
            joined = urljoin(url, href).partition("#")[0]
            if joined.startswith(self.origin):
                self.add(joined[len(self.origin) :])


class Connection(asyncio.Protocol):
    def __init__(self, crawl):
        self.crawl = crawl

    def connection_made(self, transport):
        self.transport = transport
        self.parser = httptools.HttpResponseParser(self)
        self.crawl.free(self)

    def send(self, path):
        self.path, self.parts = path, []
        self.transport.write(f"GET {path}{self.crawl.tail}".encode())

    def data_received(self, data):
        self.parser.feed_data(data)

    def on_body(self, body):
        self.parts.append(body)

    def on_message_complete(self):
        path, body, status = self.path, b"".join(self.parts), self.parser.get_status_code()
        self.crawl.free(self)
        self.crawl.page(path, body, status)


async def main(start, out):
    crawl = Crawl(start, out)
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Connection(crawl), crawl.host, crawl.port)
    await crawl.ended


gc.set_threshold(20000, 20, 50)
with open(sys.argv[2], "wb", 1 << 20) as file:
    uvloop.run(main(sys.argv[1], file))
