from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.overridden import overridden_settings
from shoal.crawl.settings import SETTINGS_PRIORITIES, BaseSettings, Settings

PRIORITIES = st.sampled_from(list(SETTINGS_PRIORITIES))


@given(st.lists(st.tuples(PRIORITIES, st.integers()), min_size=1))
def test_the_last_of_the_highest_priority_wins(changes):
    settings = BaseSettings()
    for priority, value in changes:
        settings.set("NAME", value, priority)
    highest = max(SETTINGS_PRIORITIES[priority] for priority, _ in changes)
    expected = [value for priority, value in changes if SETTINGS_PRIORITIES[priority] == highest][-1]
    assert (settings["NAME"], settings.getpriority("NAME")) == (expected, highest)


@given(st.dictionaries(st.text(), st.integers() | st.lists(st.integers())))
def test_a_copy_shares_nothing_with_its_original(values):
    settings = BaseSettings(values)
    copy = settings.copy()
    for name in list(settings):
        settings[name] = "changed"
    assert dict(copy) == values


def test_a_spider_outdoes_the_project_and_the_command_line_outdoes_both():
    settings = Settings({"DOWNLOAD_DELAY": 1})
    settings.set("DOWNLOAD_DELAY", 2, "spider")
    settings.set("DOWNLOAD_DELAY", 3, "project")
    assert settings.getfloat("DOWNLOAD_DELAY") == 2
    settings.set("DOWNLOAD_DELAY", "4", "cmdline")
    assert settings.getfloat("DOWNLOAD_DELAY") == 4


def test_a_frozen_table_refuses_every_kind_of_change():
    frozen = Settings({"A": 1}).frozencopy()
    for change in (
        lambda: frozen.set("A", 2),
        lambda: frozen.pop("A"),
        lambda: frozen.update({"A": 2}),
        lambda: frozen.delete("A"),
        lambda: frozen.__delitem__("A"),
        lambda: frozen.add_to_list("L", "x"),
    ):
        with pytest.raises(TypeError, match="immutable"):
            change()
    assert frozen["A"] == 1


@pytest.mark.parametrize("text", ["on", "off", "yes", ""])
def test_a_boolean_setting_says_what_it_accepts(text):
    with pytest.raises(ValueError, match="Supported values for boolean settings"):
        BaseSettings({"FLAG": text}).getbool("FLAG")


def test_certificates_are_verified_unless_someone_says_otherwise():
    assert Settings().getbool("DOWNLOAD_VERIFY_CERTIFICATES") is True


def test_the_default_identity_is_our_own():
    assert Settings()["USER_AGENT"].startswith("Shoal/")


def test_listed_pipelines_run_in_the_order_of_the_list():
    settings = Settings({"ITEM_PIPELINES": ["project.pipelines.B", "project.pipelines.A"]})
    table = settings.get_component_priority_dict_with_base("ITEM_PIPELINES")
    assert sorted(table, key=table.get) == ["project.pipelines.B", "project.pipelines.A"]


def test_a_component_is_switched_off_by_its_scrapy_path_or_its_class():
    settings = Settings({"EXTENSIONS": {"scrapy.extensions.corestats.CoreStats": None}})
    table = settings.get_component_priority_dict_with_base("EXTENSIONS")
    assert "scrapy.extensions.corestats.CoreStats" not in table
    from shoal.crawl.extensions.corestats import CoreStats

    settings = Settings({"EXTENSIONS": {CoreStats: None}})
    assert "scrapy.extensions.corestats.CoreStats" not in settings.get_component_priority_dict_with_base("EXTENSIONS")


def test_old_names_can_be_read_and_say_what_replaces_them():
    with pytest.warns(ScrapyDeprecationWarning, match="CONCURRENT_REQUESTS_PER_DOMAIN"):
        Settings({"CONCURRENT_REQUESTS_PER_IP": 1}).get("CONCURRENT_REQUESTS_PER_IP")


def test_only_what_differs_from_the_defaults_is_overridden():
    assert overridden_settings(Settings({"DOWNLOAD_DELAY": 3, "LOG_LEVEL": "DEBUG"})) == {"DOWNLOAD_DELAY": 3}
