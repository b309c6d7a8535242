"""`shoal survey images` from end to end, against the practice gallery: real processes, and kill -9."""

import json
import signal
import sqlite3
import time
from collections import Counter

import pytest

from shoal.lab import gallery
from shoal.lab.practice import Lab
from shoal.surveys.images.manifest import read_lines

PATIENCE = 60  # seconds
OPTIONS = {"gallery": {"pages": 2, "per_page": 8, "huge": 1_000_000, "pace": 100_000}}


WORDS = ("survey", "images", "--folder", "pics", "--delay", "0", "--max-bytes", "500000")


@pytest.fixture
def images(call):
    """Calls the command, in this process."""
    return lambda *words, **environment: call(*WORDS, *words, **environment)


def lines(folder):
    return {row["address"]: row for row in read_lines(folder / "pics" / "manifest.jsonl")}


def in_database(folder):
    database = sqlite3.connect(folder / "surveys.db")
    try:
        return dict(database.execute("select address, outcome from images"))
    finally:
        database.close()


def check(folder, lab):
    """Manifest, database and folder say the same of every exhibit."""
    rows = lines(folder)
    truth = {lab.gallery.url + exhibit.path: exhibit for exhibit in lab.gallery.site.exhibits}
    assert set(rows) == set(truth)
    outcomes = Counter()
    for address, row in rows.items():
        outcomes[row["outcome"]] += 1
        if row["outcome"] != "failed":
            assert (folder / "pics" / row["path"]).read_bytes() == truth[address].contents()
    assert outcomes == {"stored": 18, "duplicate": 1, "failed": 5}
    assert in_database(folder) == {address: row["outcome"] for address, row in rows.items()}
    assert sum(path.is_file() for path in (folder / "pics" / "pictures").rglob("*")) == 18


@pytest.mark.parametrize("model", ["async", "thread", "proc"])
def test_a_gallery_is_stored_under_every_model(begin, tmp_path, model):
    with Lab("gallery", mode="gallery=cut", options=OPTIONS) as lab:
        process = begin(*WORDS, lab.gallery.url, "-m", model, "--workers", "2")
        out, said = process.communicate(timeout=PATIENCE)
        check(tmp_path, lab)
        assert lab.gallery.observed.counts["resumed"] == 18
    assert process.returncode == 3
    assert out.splitlines() == [
        "24 pictures on 2 pages: pics/addresses.jsonl",
        "18 stored, 5 failed, 1 duplicate: pics/manifest.jsonl",
    ]
    assert said.count("failed: ") == 5
    assert f"{lab.gallery.url}/pictures/huge.png: larger than 500,000 bytes" in said


@pytest.mark.parametrize("model", ["async", "proc"])
def test_a_killed_run_is_gone_on_with(begin, images, tmp_path, model):
    with Lab("gallery", latency=0.1, options=OPTIONS) as lab:
        first = begin(*WORDS, lab.gallery.url, "-m", model, "-n", "2")
        end = time.monotonic() + PATIENCE
        while len(lines(tmp_path)) < 6 and time.monotonic() < end and first.poll() is None:
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        known = [row["address"] for row in lines(tmp_path).values() if row["outcome"] != "failed"]
        assert 2 <= len(known) < 18
        already = len(lab.gallery.server.asked)
        done = images(lab.gallery.url, "-n", "8")
        again = lab.gallery.server.asked[already:]
        assert not [address for address in known if f"GET {address.removeprefix(lab.gallery.url)}" in again]
        check(tmp_path, lab)
    assert done.returncode == 3


def test_ctrl_c_leaves_what_was_stored(begin, tmp_path):
    with Lab("gallery", latency=0.1, options=OPTIONS) as lab:
        first = begin(*WORDS, lab.gallery.url, "-n", "2")
        end = time.monotonic() + PATIENCE
        while len(lines(tmp_path)) < 4 and time.monotonic() < end and first.poll() is None:
            time.sleep(0.02)
        asked = len(lab.gallery.server.asked)
        first.send_signal(signal.SIGINT)
        _, said = first.communicate(timeout=PATIENCE)
        assert len(lab.gallery.server.asked) - asked <= 6
    assert first.returncode == 130
    assert "Traceback" not in said
    assert in_database(tmp_path).items() <= {one["address"]: one["outcome"] for one in lines(tmp_path).values()}.items()
    assert len(in_database(tmp_path)) >= 4


def test_the_roles_are_two_commands(images, tmp_path):
    with Lab("gallery", options=OPTIONS) as lab:
        found = images(lab.gallery.url, "--role", "discover", "--addresses", "list.jsonl")
        assert (found.returncode, found.stdout) == (0, "24 pictures on 2 pages: list.jsonl\n")
        planned = images("--role", "download", "--addresses", "list.jsonl", "--dry-run")
        assert planned.stdout.count("would fetch") == 24
        assert lab.gallery.observed.counts["picture"] == 0
        done = images("--role", "download", "--addresses", "list.jsonl")
        check(tmp_path, lab)
    assert done.stdout == "18 stored, 5 failed, 1 duplicate: pics/manifest.jsonl\n"


def test_secrets_come_from_the_environment_or_a_file_and_stay_there(images, tmp_path):
    (tmp_path / "key").write_text(gallery.TOKEN + "\n")
    with Lab("gallery", mode="gallery=basic", options=OPTIONS) as lab:
        for environment, said in (
            ({}, "there is no password: set $SHOAL_PASSWORD"),
            ({"SHOAL_PASSWORD": "open sesame"}, "refuses the user 'reader' with the password in $SHOAL_PASSWORD"),
        ):
            done = images(lab.gallery.url, "--user", "reader", **environment)
            assert (done.returncode, said in done.stderr, "sesame" in done.stderr) == (2, True, False)
        done = images(lab.gallery.url)
        assert (done.returncode, "asks who you are (status 401)" in done.stderr) == (2, True)
        images(lab.gallery.url, "--user", "reader", "-m", "proc", SHOAL_PASSWORD=gallery.PASSWORD)
        check(tmp_path, lab)
    everything = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "key"]
    assert not [path for path in everything if gallery.PASSWORD.encode() in path.read_bytes()]
    with Lab("gallery", mode="gallery=token", options=OPTIONS) as lab:
        done = images(lab.gallery.url, "--key-file", "key", "--folder", "other")
        assert "18 stored" in done.stdout


def test_a_dry_run_asks_nothing_and_makes_no_file(images, tmp_path):
    with Lab("gallery", options=OPTIONS) as lab:
        done = images(lab.gallery.url, "--dry-run")
        assert lab.gallery.observed.requests == 0
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a page to begin with"),
        (["gallery"], "not the address of a page"),
        (["--role", "download"], "cannot read the addresses in pics/addresses.jsonl"),
        (["--role", "download", "--key-file", "list"], "for which site"),
        (["--role", "download", "--addresses", "list"], "list, line 1"),
    ],
)
def test_a_mistake_is_one_sentence(images, tmp_path, words, said):
    (tmp_path / "list").write_text("nonsense\n")
    done = images(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_whole_gallery_is_a_success(images, tmp_path):
    (tmp_path / "list").write_text("")
    with Lab("gallery", options=OPTIONS) as lab:
        good = [exhibit.path for exhibit in lab.gallery.site.exhibits if exhibit.kind in gallery.STORED]
        text = "".join(json.dumps({"address": lab.gallery.url + path}) + "\n" for path in good)
        (tmp_path / "list").write_text(text)
        done = images("--role", "download", "--addresses", "list")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_posters_of_the_film_survey_can_be_fetched(call, images, tmp_path):
    with Lab("films") as lab:
        words = ["survey", "movies", "--base-url", lab.films.url, "--delay", "0", "-m", "async", "-w", "films.jsonl"]
        assert call(*words).returncode == 0
        done = images("--role", "download", "--addresses", "films.jsonl", "-m", "thread", "--thumbnail", "0")
    assert (done.returncode, done.stdout) == (0, "100 stored: pics/manifest.jsonl\n")
    assert len(list((tmp_path / "pics" / "pictures").rglob("*.jpg"))) == 100
