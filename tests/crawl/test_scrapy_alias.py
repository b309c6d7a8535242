from __future__ import annotations

import subprocess
import sys

import pytest

from shoal.errors import UsageError
from shoal.scrapy import install, uninstall


@pytest.fixture
def alias():
    install()
    yield
    uninstall()


def python(code, *before):
    done = subprocess.run([sys.executable, *before, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip()


def test_both_names_are_one_module(alias):
    import scrapy.settings

    import shoal.scrapy.settings

    assert scrapy is sys.modules["shoal.scrapy"]
    assert scrapy.settings is shoal.scrapy.settings
    assert scrapy.settings.__spec__.name == "shoal.scrapy.settings"


def test_old_and_new_spellings_give_the_same_classes(alias):
    from scrapy import Request, Spider
    from scrapy.http import Request as FromHttp
    from scrapy.spiders import Spider as FromSpiders

    assert Request is FromHttp
    assert Spider is FromSpiders


def test_a_name_replaced_in_the_face_is_replaced_behind_it(alias, monkeypatch):
    import shoal.crawl.addons

    monkeypatch.setattr("scrapy.addons.logger", "replaced")
    assert shoal.crawl.addons.logger == "replaced"
    monkeypatch.undo()
    assert shoal.crawl.addons.logger != "replaced"


def test_nothing_is_aliased_unless_asked():
    code = "import shoal.scrapy, sys\ntry:\n import scrapy\nexcept ImportError: print('absent')"
    assert python(code) == "absent"


def test_uninstalling_gives_the_name_back():
    install()
    uninstall()
    assert "scrapy" not in sys.modules
    with pytest.raises(ImportError):
        import scrapy  # noqa: F401


def test_an_installed_scrapy_is_left_alone_unless_told_twice(tmp_path, monkeypatch):
    (tmp_path / "scrapy.py").write_text("real = True")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match="over_scrapy=True"):
        install()
    install(over_scrapy=True)
    try:
        import scrapy

        assert not hasattr(scrapy, "real")
    finally:
        uninstall()


def test_what_the_layer_lacks_is_an_ordinary_import_error(alias):
    with pytest.raises(ModuleNotFoundError, match="no_such_part"):
        import scrapy.no_such_part  # noqa: F401


def test_modules_run_by_their_scrapy_name():
    code = (
        "import shoal.scrapy, runpy; shoal.scrapy.install(); "
        "print(runpy.run_module('scrapy.interfaces')['ISpiderLoader'].__name__)"
    )
    assert python(code) == "SpiderLoaderProtocol"


def test_installing_costs_little():
    code = (
        "import sys; from shoal.scrapy import install; install(); "
        "print(sorted({'lxml', 'parsel', 'asyncio', 'twisted'} & set(sys.modules)))"
    )
    assert python(code) == "[]"
