from __future__ import annotations

import sys

import pytest

from shoal.crawl.components import build_from_crawler, component_order, load_object, object_path, walk_modules
from shoal.crawl.crawler import Crawler
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.settings import BaseSettings, Settings
from shoal.crawl.spider import Spider


class ASpider(Spider):
    name = "a"


def test_a_scrapy_path_means_our_class_without_any_alias():
    assert "scrapy" not in sys.modules
    assert load_object("scrapy.settings.Settings") is Settings
    assert "scrapy" not in sys.modules


def test_users_are_told_the_paths_they_know():
    assert object_path(Settings) == "scrapy.settings.Settings"
    assert object_path(ASpider) == f"{__name__}.ASpider"
    assert object_path("some.path") == "some.path"


def test_components_come_in_the_order_of_their_numbers_and_none_is_off():
    assert component_order({"b": 2, "off": None, "a": 1.5}, convert=str) == ["a", "b"]


def test_of_two_keys_for_one_component_the_one_with_more_authority_counts():
    table = BaseSettings({"x": 1, "y": 2}, priority=0)
    table.set("X", 3, priority=10)
    assert component_order(table, convert=str.lower) == ["y", "x"]


def test_a_module_that_fails_while_imported_is_not_passed_over(tmp_path, monkeypatch):
    package = tmp_path / "spiders_with_a_fault"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "faulty.py").write_text("import no_such_module_at_all")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="no_such_module_at_all"):
        list(walk_modules("spiders_with_a_fault"))


def test_from_crawler_comes_before_from_settings_and_the_class_itself():
    class ByCrawler:
        @classmethod
        def from_crawler(cls, crawler):
            return "crawler"

        @classmethod
        def from_settings(cls, settings):
            return "settings"

    class BySettings:
        @classmethod
        def from_settings(cls, settings):
            return settings["WHAT"]

    crawler = Crawler(ASpider, {"WHAT": "settings"})
    assert [build_from_crawler(kind, crawler) for kind in (ByCrawler, BySettings, str)] == ["crawler", "settings", ""]


def test_a_crawler_leaves_out_what_is_not_configured_and_says_so(caplog):
    class Missing:
        def __init__(self):
            raise NotConfigured("no store given")

    class Present:
        pass

    crawler = Crawler(ASpider, {"EXTENSIONS": {Missing: 1, Present: 2}})
    crawler._apply_settings()
    assert crawler.get_extension(Present) is not None
    assert crawler.get_extension(Missing) is None
    assert "no store given" in caplog.text


def test_what_a_crawl_needs_is_not_there_before_it_begins():
    crawler = Crawler(ASpider)
    with pytest.raises(RuntimeError, match=r"Crawler\.stats is not set yet"):
        _ = crawler.stats
    crawler._apply_settings()
    assert crawler.stats.get_stats() == {}
    with pytest.raises(TypeError, match="immutable"):
        crawler.settings.set("LATE", 1)


def test_add_ons_change_settings_before_components_are_built():
    class Prefers:
        def update_settings(self, settings):
            settings.set("STATS_CLASS", "scrapy.statscollectors.DummyStatsCollector", "addon")

    crawler = Crawler(ASpider, {"ADDONS": {Prefers: 0}})
    crawler._apply_settings()
    assert type(crawler.stats).__name__ == "DummyStatsCollector"
