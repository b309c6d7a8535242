from __future__ import annotations

import os

import pytest

from shoal.crawl.exceptions import UsageError
from shoal.crawl.feed_options import complete_feed, feeds_from_command_line
from shoal.crawl.project import closest_scrapy_cfg, data_path, get_project_settings
from shoal.crawl.settings import Settings
from shoal.crawl.spiderloader import get_spider_loader


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = our_shop.settings\n")
    package = tmp_path / "our_shop"
    (package / "spiders").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "settings.py").write_text('BOT_NAME = "shop"\nSPIDER_MODULES = ["our_shop.spiders"]\nlower = 1\n')
    (package / "spiders" / "__init__.py").touch()
    (package / "spiders" / "prices.py").write_text(
        "from shoal.crawl.spider import Spider\n"
        "class Base(Spider):\n    pass\n"
        "class Prices(Base):\n    name = 'prices'\n    allowed_domains = ['shop.example']\n"
    )
    monkeypatch.delenv("SCRAPY_SETTINGS_MODULE", raising=False)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    monkeypatch.chdir(package / "spiders")
    yield tmp_path
    os.environ.pop("SCRAPY_SETTINGS_MODULE", None)


def test_a_project_is_found_from_any_directory_inside(project):
    assert closest_scrapy_cfg() == str(project / "scrapy.cfg")
    settings = get_project_settings()
    assert settings["BOT_NAME"] == "shop"
    assert settings.getpriority("BOT_NAME") == 20
    assert "lower" not in settings


def test_spiders_with_a_name_are_loaded_and_bases_are_not(project):
    loader = get_spider_loader(get_project_settings())
    assert loader.list() == ["prices"]
    assert loader.load("prices").__name__ == "Prices"
    with pytest.raises(KeyError, match="Spider not found: dear"):
        loader.load("dear")


def test_data_of_a_project_lives_beside_its_configuration(project):
    assert data_path("cache", createdir=True) == str(project / ".scrapy" / "cache")
    assert (project / ".scrapy" / "cache").is_dir()


@pytest.mark.parametrize(
    ("argument", "uri", "form"),
    [
        ("items.json", "items.json", "json"),
        ("items.dat:csv", "items.dat", "csv"),
        ("-:jsonl", "stdout:", "jsonl"),
        ("ftp://u:p@host/items.xml", "ftp://u:p@host/items.xml", "xml"),
        ("ftp://u:p@host/items:csv", "ftp://u:p@host/items", "csv"),
    ],
)
def test_an_output_argument_names_a_file_and_a_format(argument, uri, form):
    assert feeds_from_command_line(Settings(), [argument]) == {uri: {"format": form}}


def test_an_unknown_format_is_named_with_those_there_are():
    with pytest.raises(UsageError, match=r"'dat'.*json"):
        feeds_from_command_line(Settings(), ["items.dat"])


def test_appending_and_overwriting_at_once_is_refused():
    with pytest.raises(UsageError, match="only one of"):
        feeds_from_command_line(Settings(), ["a.json"], overwrite_output=["b.json"])


def test_a_feed_takes_from_the_settings_what_it_does_not_say():
    feed = complete_feed({"encoding": "latin-1"}, Settings({"FEED_EXPORT_INDENT": 4}), "out/items.csv")
    assert (feed["encoding"], feed["indent"], feed["format"]) == ("latin-1", 4, "csv")
