"""The download role of the image survey on a real cluster."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from shoal.cli import main
from shoal.cluster.connect import connect
from shoal.crawl.loops import new_loop
from shoal.crawl.settings import Settings
from shoal.lab import gallery
from shoal.lab.practice import Lab
from shoal.surveys.credentials import Credentials, Secret, taken_along
from shoal.surveys.elsewhere import Elsewhere
from shoal.surveys.images.manifest import read_lines

new_loop(Settings()).close()  # the first loop of libuv opens a pipe that stays
pytestmark = pytest.mark.usefixtures("dask_cluster")

OPTIONS = {"gallery": {"pages": 2, "per_page": 12}}
WORDS = ("survey", "images", "--folder", "pics", "--delay", "0", "-n", "8", "-q")


@pytest.fixture
def images(tmp_path, monkeypatch):
    """Calls the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: main([*WORDS, *words])


def kept(folder):
    return {row["address"]: (row["outcome"], row.get("sha256")) for row in read_lines(folder / "manifest.jsonl")}


def test_members_store_the_same_files(images, tmp_path, dask_cluster, capsys):
    with Lab("gallery", options=OPTIONS) as lab:
        there = images(lab.gallery.url, "--cluster", dask_cluster)
        asked = len(lab.gallery.server.asked)
        found = kept(tmp_path / "pics")
        again = images(lab.gallery.url, "--role", "download", "--cluster", dask_cluster)
        settled = {f"GET {one.removeprefix(lab.gallery.url)}" for one, (what, _) in found.items() if what != "failed"}
        assert again == there
        assert not settled.intersection(lab.gallery.server.asked[asked:])
        here = images("--folder", "here", lab.gallery.url)
    assert there == here
    assert kept(tmp_path / "pics") == kept(tmp_path / "here")
    for part in ("pictures", "thumbnails"):
        names = [sorted(path.name for path in (tmp_path / place / part).rglob("*")) for place in ("pics", "here")]
        assert names[0] == names[1] != []
    assert "stored" in capsys.readouterr().out


def test_a_key_goes_along_and_a_wrong_one_is_refused(images, tmp_path, dask_cluster, capfd):
    (tmp_path / "key").write_text(gallery.TOKEN + "\n")
    (tmp_path / "wrong").write_text("sesame\n")
    with Lab("gallery", mode="gallery=token", options=OPTIONS) as lab:
        site = (lab.gallery.url, "--cluster", dask_cluster)
        assert images(*site, "--role", "discover", "--key-file", "key") == 0
        assert images(*site, "--role", "download", "--key-file", "wrong") == 2
        said = capfd.readouterr().err
        assert f"{lab.gallery.url} refuses the key in wrong (status 401)" in said
        images(*site, "--role", "download", "--key-file", "key")
        assert "stored" in capfd.readouterr().out
    everything = [path for path in (tmp_path / "pics").rglob("*") if path.is_file()]
    assert not [path for path in everything if gallery.TOKEN.encode() in path.read_bytes()]


def test_a_secret_is_not_shown_and_not_sent_in_the_clear(monkeypatch):
    monkeypatch.setenv("SHOAL_PASSWORD", "sesame")
    who = Credentials(site="http://there", user="reader", file="", variable="SHOAL_PASSWORD")
    along = taken_along(who)
    assert along["secret"] == "sesame"
    assert "sesame" not in repr(along)
    assert isinstance(along["secret"], Secret)
    assert Elsewhere("tls://192.0.2.1:8786").keeps_secrets
    assert Elsewhere("tcp://127.0.0.1:8786").keeps_secrets
    assert not Elsewhere("tcp://192.0.2.1:8786", insecure=True).keeps_secrets


def test_a_folder_that_members_have_not_is_told(images, dask_cluster, tmp_path, monkeypatch, capfd):
    from shoal.surveys.images import survey

    whole = survey.Wish.batch
    elsewhere = {"folder": os.fspath(tmp_path / "not there")}
    monkeypatch.setattr(survey.Wish, "batch", lambda self, todo: {**whole(self, todo), **elsewhere})
    with Lab("gallery", options=OPTIONS) as lab:
        assert images(lab.gallery.url, "--cluster", dask_cluster) == 2
    assert "with --cluster it must be one that all machines share" in capfd.readouterr().err
    connect(dask_cluster).close()
