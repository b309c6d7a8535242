"""Ways to write a spider that look odd and are everywhere (facts 3.4); items of every kind; what a job remembers."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

import pytest

from shoal.crawl.api import run
from shoal.crawl.exceptions import CloseSpider
from shoal.crawl.item import Field, Item
from shoal.crawl.linkextract import LxmlLinkExtractor as LinkExtractor
from shoal.crawl.loader import ItemLoader
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider
from shoal.crawl.spiders.rules import CrawlSpider, Rule
from shoal.lab.web import Answer, WebServer

pydantic = pytest.importorskip("pydantic")

PAGE = "<html><body><a class=q href='?page=2'>2</a><a class=q href='/other'>o</a><b>one</b><b>two</b></body></html>"


@pytest.fixture(scope="module", autouse=True)
def libuv_is_loaded():
    """libuv opens a pipe for signals with the first loop of a process, and keeps it."""
    if find_spec("uvloop") is not None:
        import_module("uvloop").new_event_loop().close()


def page(asked):
    return Answer(PAGE, headers={"Set-Cookie": "who=ada; Path=/"})


def crawl(spider, settings=None, answer=page, **arguments):
    with WebServer(answer) as server:
        return run(spider, {"LOG_ENABLED": False, **(settings or {})}, site=server.url(), **arguments)


class Base(Spider):
    name = "base"
    site = ""

    async def start(self):
        yield Request(self.site, self.parse)


def test_rules_may_be_a_list_with_the_callback_in_second_place():
    class Ruled(CrawlSpider):
        name = "ruled"
        rules = [Rule(LinkExtractor(allow=r"page="), "parse_item")]  # noqa: RUF012  as people write it

        async def start(self):
            yield Request(self.site)

        def parse_item(self, response):
            yield {"url": response.url[-7:]}

    assert crawl(Ruled).items == [{"url": "?page=2"}]


def test_a_callback_may_return_a_list_one_item_or_nothing():
    class Returns(Base):
        def parse(self, response):
            return [{"n": 1}, response.follow("?page=2", self.single), response.follow("/other", self.nothing)]

        def single(self, response):
            return {"n": 2}

        def nothing(self, response):
            return None

    assert sorted(item["n"] for item in crawl(Returns).items) == [1, 2]


def test_meta_is_changed_and_passed_on():
    class Meta(Base):
        def parse(self, response):
            response.meta["seen"] = [*response.meta.get("seen", []), response.url[-7:]]
            yield response.follow("?page=2", self.last, meta=response.meta)

        def last(self, response):
            yield {"seen": len(response.meta["seen"]), "depth": response.meta["depth"]}

    assert crawl(Meta).items == [{"seen": 1, "depth": 1}]


def test_an_item_that_is_changed_between_yields_is_written_as_it_was(tmp_path):
    class Same(Base):
        def parse(self, response):
            item = {}
            for text in response.css("b::text").getall():
                item["text"] = text
                item["pair"] = (text,)
                yield item

    crawl(Same, {"FEEDS": {tmp_path / "o.jsonl": {"format": "jsonlines"}}})
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert lines == [{"text": "one", "pair": ["one"]}, {"text": "two", "pair": ["two"]}]


def test_the_referer_is_bytes():
    class Referred(Base):
        def parse(self, response):
            yield response.follow("?page=2", self.second)

        def second(self, response):
            yield {"referer": response.request.headers["Referer"]}

    (item,) = crawl(Referred).items
    assert item["referer"].startswith(b"http://127.0.0.1:")


def test_cookies_may_be_a_list_with_domain_and_path():
    class Cookies(Base):
        async def start(self):
            cookie = {"name": "a", "value": "b", "domain": "127.0.0.1", "path": "/"}
            yield Request(self.site, cookies=[cookie])

        def parse(self, response):
            yield {"sent": response.request.headers["Cookie"]}

    assert crawl(Cookies).items == [{"sent": b"a=b"}]


def test_a_crawl_is_closed_by_an_exception():
    class Raises(Base):
        def parse(self, response):
            raise CloseSpider("enough")

    assert crawl(Raises).reason == "enough"


def test_custom_settings_may_hold_names_of_somebody_else(caplog):
    class Custom(Base):
        custom_settings = {"MY_OWN_KEY": 3, "USER_AGENTS": ["a"]}  # noqa: RUF012

        def parse(self, response):
            yield {"key": self.settings.getint("MY_OWN_KEY")}

    assert crawl(Custom).items == [{"key": 3}]
    assert "did you mean" not in caplog.text


def test_a_setting_that_is_nearly_one_is_told_of_with_the_likely_name(caplog):
    class Misspelt(Base):
        custom_settings = {"AUTOTHROTTLE_ENABLE": True}  # noqa: RUF012
        allowed_domain = ["a.example"]  # noqa: RUF012

    crawl(Misspelt)
    assert "There is no setting AUTOTHROTTLE_ENABLE; did you mean AUTOTHROTTLE_ENABLED?" in caplog.text
    assert "allowed_domain of Misspelt means nothing; did you mean allowed_domains?" in caplog.text


def test_allowed_domains_that_are_urls_are_told_of(caplog):
    class Urls(Base):
        allowed_domains = ["http://127.0.0.1/"]  # noqa: RUF012

        def parse(self, response):
            yield response.follow("/other", self.other)

        def other(self, response):
            yield {}

    crawl(Urls)
    assert "allowed_domains takes domains, not URLs" in caplog.text


class Product(pydantic.BaseModel):
    name: str
    tags: list[str] = pydantic.Field(default_factory=list)
    price: float | None = None


@dataclass
class Record:
    name: str = ""
    tags: list[str] = field(default_factory=list)
    price: float | None = None


class Fields(Item):
    name = Field()
    tags = Field()
    price = Field()


class Doubled:
    def process_item(self, item):
        from itemadapter import ItemAdapter

        fields = ItemAdapter(item)
        fields["price"] = fields["price"] * 2
        return item


@pytest.mark.parametrize("kind", [Product, Record, Fields, dict])
def test_items_of_every_kind_go_through_pipelines_to_every_feed(kind, tmp_path):
    class Typed(Base):
        def parse(self, response):
            yield kind(name="chair", tags=["a", "b"], price=1.5)

    formats = {"jsonlines": "o.jsonl", "json": "o.json", "csv": "o.csv", "xml": "o.xml"}
    feeds = {tmp_path / name: {"format": form} for form, name in formats.items()}
    done = crawl(Typed, {"FEEDS": feeds, "ITEM_PIPELINES": {Doubled: 1}})
    expected = {"name": "chair", "tags": ["a", "b"], "price": 3.0}
    assert type(done.items[0]) is kind
    assert json.loads((tmp_path / "o.jsonl").read_text()) == expected
    assert json.loads((tmp_path / "o.json").read_text()) == [expected]
    with (tmp_path / "o.csv").open() as file:
        assert list(csv.DictReader(file)) == [{"name": "chair", "tags": "a,b", "price": "3.0"}]
    assert "<name>chair</name>" in (tmp_path / "o.xml").read_text()


@pytest.mark.parametrize("kind", [Product, Record, Fields])
def test_a_loader_fills_items_of_every_kind(kind):
    class Loader(ItemLoader):
        default_item_class = dict
        name_out = staticmethod(lambda values: values[-1])
        price_out = staticmethod(lambda values: values[-1])

    loader = Loader(item=kind(name="x", tags=["a"], price=1.0))
    loader.add_value("name", "chair")
    loader.add_value("tags", "b")
    loader.add_value("price", 2.5)
    item = loader.load_item()
    assert (type(item), item["name"] if kind is Fields else item.name) == (kind, "chair")
    assert (item["tags"] if kind is Fields else item.tags) == ["a", "b"]


def test_a_pydantic_item_that_does_not_fit_fails_its_callback_and_no_other():
    class Wrong(Base):
        def parse(self, response):
            yield response.follow("?page=2", self.right)
            yield Product(name=None)

        def right(self, response):
            yield Product(name="right")

    done = crawl(Wrong)
    assert done.items == [Product(name="right")]
    assert done.stats["spider_exceptions/ValidationError"] == 1


KILLED = """
import scrapy

class Member(scrapy.Spider):
    name = "member"

    async def start(self):
        yield scrapy.Request(self.site)

    def parse(self, response):
        open(self.sign, "w").close()
        import time
        time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL])
def test_a_job_that_is_killed_keeps_its_cookies(number, tmp_path):
    (tmp_path / "member.py").write_text(KILLED)
    with WebServer(page) as server:
        words = [
            "runspider",
            "member.py",
            "-a",
            f"site={server.url()}",
            "-a",
            "sign=here",
            "-s",
            "JOBDIR=job",
            "--nolog",
        ]
        with subprocess.Popen([sys.executable, "-m", "shoal", *words], cwd=tmp_path) as process:
            limit = time.monotonic() + 20
            while not (tmp_path / "here").exists() and time.monotonic() < limit and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
    assert '"ada"' in (tmp_path / "job" / "cookies.json").read_text()
