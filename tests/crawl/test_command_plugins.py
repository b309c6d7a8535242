"""Commands that packages bring are found wherever importlib.metadata finds them."""

import sys
import zipfile
from pathlib import Path

import pytest

from shoal.scrapy._plugins import _may_have_entries, command_entries

POINTS = "[scrapy.commands]\nhello = hello_command:Command\n"


def names() -> list[str]:
    return [entry.name for entry in command_entries()]


def test_without_packages_that_bring_any_there_are_none(tmp_path, monkeypatch):
    other = tmp_path / "other-1.0.dist-info"
    other.mkdir()
    (other / "entry_points.txt").write_text("[console_scripts]\nother = other:main\n")
    (tmp_path / "bare-1.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "nowhere")])
    assert names() == []


@pytest.mark.parametrize("kind", ["dist-info", "egg-info"])
def test_those_of_an_installed_package_are_found(kind, tmp_path, monkeypatch):
    package = tmp_path / f"hello-1.0.{kind}"
    package.mkdir()
    (package / "METADATA").write_text("Name: hello\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(POINTS)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert names() == ["hello"]


def test_an_archive_is_left_to_importlib(tmp_path: Path):
    archive = tmp_path / "hello.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("hello-1.0.dist-info/entry_points.txt", POINTS)
    assert _may_have_entries([str(archive)])
