"""Names that Scrapy has dropped, which public spiders still import."""

from __future__ import annotations

import logging
from importlib import import_module

import pytest

from shoal.scrapy.linkextractors.sgml import SgmlLinkExtractor
from shoal.scrapy.selector import HtmlXPathSelector, XmlXPathSelector


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("spider", "spiders", "BaseSpider"),
        ("spider", "spiders", "Spider"),
        ("linkextractor", "linkextractors", "LinkExtractor"),
        ("contrib.spiders", "spiders", "CrawlSpider"),
        ("contrib.spiders.crawl", "spiders", "Rule"),
        ("contrib.spiders.init", "spiders", "InitSpider"),
        ("contrib.linkextractors", "linkextractors", "LinkExtractor"),
        ("contrib.linkextractors.sgml", "linkextractors.sgml", "SgmlLinkExtractor"),
        ("contrib.linkextractors.lxmlhtml", "linkextractors", "LxmlLinkExtractor"),
        ("contrib.loader", "loader", "XPathItemLoader"),
        ("contrib.loader.processor", "loader.processors", "MapCompose"),
        ("contrib.exporter", "exporters", "CsvItemExporter"),
    ],
)
def test_an_old_name_is_the_very_class_of_the_new_one(old: str, new: str, name: str) -> None:
    before = getattr(import_module(f"shoal.scrapy.{old}"), name)
    assert before is getattr(import_module(f"shoal.scrapy.{new}"), name)


@pytest.mark.parametrize("name", ["contrib.nothing", "contrib.spiders.nothing", "contrib.loader.nothing"])
def test_what_never_was_there_cannot_be_imported(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="nothing"):
        import_module(f"shoal.scrapy.{name}")


def test_old_selectors_select_and_their_parts_are_old_selectors() -> None:
    links = HtmlXPathSelector(text="<p><a href=1>x</a><a href=2>y</a></p>").select("//a")
    assert isinstance(links[0], HtmlXPathSelector)
    assert links.select("@href").extract() == links.select("@href").extract_unquoted() == ["1", "2"]
    assert XmlXPathSelector(text="<r><Link>z</Link></r>").select("/r/Link/text()")[0].extract_unquoted() == "z"


def test_the_old_link_extractor_makes_urls_canonical() -> None:
    from shoal.crawl.response import HtmlResponse

    page = HtmlResponse("http://site.test/", body=b"<a href='?b=1&a=2#x'></a>")
    assert [link.url for link in SgmlLinkExtractor().extract_links(page)] == ["http://site.test/?a=2&b=1"]
    assert [link.url for link in SgmlLinkExtractor(canonicalize=False).extract_links(page)] == [
        "http://site.test/?b=1&a=2#x"
    ]


def test_the_old_log_writes_to_todays(caplog: pytest.LogCaptureFixture) -> None:
    from shoal.scrapy import log

    with caplog.at_level(logging.DEBUG):
        log.start()
        log.msg("one", level=log.DEBUG, spider="s")
        log.msg(format="%(n)d%%", n=2, level="WARNING")
        log.err(ValueError("three"), "why")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("DEBUG", "one"),
        ("WARNING", "2%"),
        ("ERROR", "why"),
    ]


def test_the_settings_are_a_global_again() -> None:
    from shoal.scrapy.conf import settings

    assert settings.get("BOT_NAME")
